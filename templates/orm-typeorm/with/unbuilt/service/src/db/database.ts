import type { DataSource, EntityManager } from 'typeorm';
import type { Settings } from '../settings.ts';
import { attempt } from './attempt.ts';
import { createDataSource } from './data-source.ts';

/**
 * A data source that the first use initializes, and every further one until that has worked:
 * the service starts, and stays up, while its database is away.
 */
export class Database {
  readonly #source: DataSource;
  #initializing: Promise<unknown> | undefined;

  constructor(source: DataSource) {
    this.#source = source;
  }

  /** Does `work`; throws Unavailable when the database does not answer or stays locked. */
  run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return attempt(async () => {
      if (!this.#source.isInitialized) {
        this.#initializing ??= this.#source.initialize().finally(() => {
          this.#initializing = undefined;
        });
        await this.#initializing;
      }
      return work(this.#source.manager);
    });
  }

  async ping(): Promise<void> {
    await this.run((manager) => manager.query('SELECT 1'));
  }

  async close(): Promise<void> {
    if (this.#source.isInitialized) await this.#source.destroy();
  }
}

export function openDatabase(settings: Settings): Database {
  return new Database(createDataSource(settings, 'service'));
}
