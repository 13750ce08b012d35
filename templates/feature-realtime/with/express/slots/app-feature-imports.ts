import type { Realtime } from './realtime/realtime.ts';
import { realtimePaths, realtimeRouter } from './realtime/router.ts';
