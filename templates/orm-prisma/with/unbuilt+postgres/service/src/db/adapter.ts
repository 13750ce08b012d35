import { PrismaPg } from '@prisma/adapter-pg';
import type { Settings } from '../settings.ts';
import { limits } from './limits.ts';

/** A pool of connections, each made when it is needed: the server may come and go. */
export function createAdapter(settings: Settings): PrismaPg {
  return new PrismaPg({
    connectionString: settings.DATABASE_URL,
    max: settings.DATABASE_POOL_SIZE,
    ...limits,
  });
}
