import { trace } from './middleware/trace.ts';
