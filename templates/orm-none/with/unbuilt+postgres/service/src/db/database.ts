import { Pool, type QueryResult, type QueryResultRow } from 'pg';
import type { Settings } from '../settings.ts';
import { attempt } from './attempt.ts';
import { limits } from './limits.ts';

/** A pool of connections, each made when it is needed: the server may come and go. */
export class Database {
  readonly #pool: Pool;

  constructor(settings: Pick<Settings, 'DATABASE_URL' | 'DATABASE_POOL_SIZE'>) {
    this.#pool = new Pool({
      connectionString: settings.DATABASE_URL,
      max: settings.DATABASE_POOL_SIZE,
      ...limits,
    });
    // An idle connection that is lost is replaced by the next query; without a listener it would
    // end the process.
    this.#pool.on('error', () => {});
  }

  /** Runs one statement; throws Unavailable when the server does not answer or a lock lasts. */
  query<Row extends QueryResultRow>(
    statement: string,
    values: unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return attempt(() => this.#pool.query<Row>(statement, values));
  }

  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

export function openDatabase(
  settings: Pick<Settings, 'DATABASE_URL' | 'DATABASE_POOL_SIZE'>,
): Database {
  return new Database(settings);
}
