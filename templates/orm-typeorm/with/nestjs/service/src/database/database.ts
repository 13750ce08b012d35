import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { attempt } from './attempt.js';

/**
 * Connects the data source at its first use, and at every further one until that has worked.
 * `TypeOrmModule` closes it.
 */
@Injectable()
export class Database {
  private initializing: Promise<unknown> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Does `work`; answers 503 when the database does not answer or stays locked. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return attempt(async () => {
      if (!this.dataSource.isInitialized) {
        this.initializing ??= this.dataSource.initialize().finally(() => {
          this.initializing = undefined;
        });
        await this.initializing;
      }
      return work();
    });
  }

  async ping(): Promise<void> {
    await this.run(() => this.dataSource.query('SELECT 1'));
  }
}
