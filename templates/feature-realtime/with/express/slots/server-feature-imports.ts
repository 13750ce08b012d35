import { Realtime } from './realtime/realtime.ts';
import { routeUpgrades } from './realtime/upgrade.ts';
