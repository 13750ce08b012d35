import { RealtimeAdapter } from './realtime/realtime.adapter.js';
