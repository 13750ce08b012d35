import { realtime } from './plugins/realtime.ts';
