import { PrismaPg } from '@prisma/adapter-pg';
import type { Settings } from '../config/settings.js';
import { limits } from './limits.js';

/** A pool of connections, each made when it is needed: the server may come and go. */
export function createAdapter(settings: Settings): PrismaPg {
  return new PrismaPg({
    connectionString: settings.DATABASE_URL,
    max: settings.DATABASE_POOL_SIZE,
    ...limits,
  });
}
