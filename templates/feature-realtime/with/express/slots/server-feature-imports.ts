import { Realtime } from './realtime/realtime.ts';
import { routeUpgrades, wantsWebSocket } from './realtime/upgrade.ts';
