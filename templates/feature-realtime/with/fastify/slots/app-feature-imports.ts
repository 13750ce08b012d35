import { realtimeRoutes } from './realtime/routes.ts';
import { wantsWebSocket } from './realtime/upgrade.ts';
