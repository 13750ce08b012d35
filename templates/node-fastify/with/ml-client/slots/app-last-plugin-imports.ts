import { trace } from './plugins/trace.ts';
