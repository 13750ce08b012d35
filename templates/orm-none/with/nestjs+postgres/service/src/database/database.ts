import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Pool, type QueryResult, type QueryResultRow } from 'pg';
import { SETTINGS, type Settings } from '../config/settings.js';
import { attempt } from './attempt.js';
import { limits } from './limits.js';

/** A pool of connections, each made when it is needed: the server may come and go. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(@Inject(SETTINGS) settings: Pick<Settings, 'DATABASE_URL' | 'DATABASE_POOL_SIZE'>) {
    this.pool = new Pool({
      connectionString: settings.DATABASE_URL,
      max: settings.DATABASE_POOL_SIZE,
      ...limits,
    });
    // An idle connection that is lost is replaced by the next query; without a listener it would
    // end the process.
    this.pool.on('error', () => {});
  }

  /** Runs one statement; answers 503 when the server does not answer or a lock lasts. */
  query<Row extends QueryResultRow>(
    statement: string,
    values: unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return attempt(() => this.pool.query<Row>(statement, values));
  }

  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
