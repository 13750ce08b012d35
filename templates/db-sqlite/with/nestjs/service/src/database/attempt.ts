import { setTimeout } from 'node:timers/promises';
import { ServiceUnavailableException } from '@nestjs/common';

/**
 * Milliseconds that SQLite itself waits for a lock. It does so on the only thread, where nothing
 * else can happen meanwhile, so nearly all of the waiting is done between attempts instead.
 */
export const busyTimeout = 10;

/** Milliseconds after which a request gives up waiting for a lock. */
const patience = 2_000;

/**
 * Does `work`, again and again while another process holds the lock, and answers 503 when
 * that takes too long or the file cannot be used. Work that can be done again is one statement,
 * or a transaction.
 */
export async function attempt<T>(work: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (/^SQLITE_(CANTOPEN|FULL|IOERR|READONLY)|^E(ACCES|EXIST|NOTDIR|ROFS)$/.test(code)) {
        throw new ServiceUnavailableException('The database cannot be used', { cause: error });
      }
      if (!/^SQLITE_(BUSY|LOCKED)/.test(code)) throw error;
      if (Date.now() > deadline) {
        throw new ServiceUnavailableException('The database is locked', { cause: error });
      }
      await setTimeout(20);
    }
  }
}
