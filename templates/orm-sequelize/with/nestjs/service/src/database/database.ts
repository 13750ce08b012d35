import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/sequelize';
import type { Sequelize } from 'sequelize-typescript';
import { attempt } from './attempt.js';
import { unwrap } from './errors.js';

/** The way to the database. Connections are made when they are needed; `SequelizeModule` closes them. */
@Injectable()
export class Database {
  constructor(@InjectConnection() private readonly sequelize: Sequelize) {}

  /** Does `work`; answers 503 when the database does not answer or stays locked. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return attempt(() => work().catch(unwrap));
  }

  async ping(): Promise<void> {
    await this.run(() => this.sequelize.query('SELECT 1'));
  }
}
