import { PrismaClient } from '../generated/prisma/client.ts';
import type { Settings } from '../settings.ts';
import { createAdapter } from './adapter.ts';
import { attempt } from './attempt.ts';
import { unwrap } from './errors.ts';

/** Prisma's client, which connects at its first use, and again after a failure. */
export class Database {
  readonly #client: PrismaClient;

  constructor(client: PrismaClient) {
    this.#client = client;
  }

  /** Does `work`; throws Unavailable when the database does not answer or stays locked. */
  run<T>(work: (client: PrismaClient) => Promise<T>): Promise<T> {
    return attempt(() => work(this.#client).catch(unwrap));
  }

  async ping(): Promise<void> {
    await this.run((client) => client.$queryRaw`SELECT 1`);
  }

  close(): Promise<void> {
    return this.#client.$disconnect();
  }
}

export function openDatabase(settings: Settings): Database {
  // Other formats of errors hold the values of a failed statement, which are not for the log.
  return new Database(
    new PrismaClient({ adapter: createAdapter(settings), errorFormat: 'minimal' }),
  );
}
