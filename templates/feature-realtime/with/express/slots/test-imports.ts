import { Realtime } from '../src/realtime/realtime.ts';
