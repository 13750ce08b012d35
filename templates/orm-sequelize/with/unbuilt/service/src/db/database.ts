import type { Sequelize } from 'sequelize';
import type { Settings } from '../settings.ts';
import { attempt } from './attempt.ts';
import { unwrap } from './errors.ts';
import { defineModels, type Models } from './models.ts';
import { createSequelize } from './sequelize.ts';

/** The models, and the connections on which they work. Each is made when it is needed. */
export class Database {
  readonly #sequelize: Sequelize;
  readonly #models: Models;

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
    this.#models = defineModels(sequelize);
  }

  /** Does `work`; throws Unavailable when the database does not answer or stays locked. */
  run<T>(work: (models: Models) => Promise<T>): Promise<T> {
    return attempt(() => work(this.#models).catch(unwrap));
  }

  async ping(): Promise<void> {
    await attempt(() => this.#sequelize.query('SELECT 1').catch(unwrap));
  }

  close(): Promise<void> {
    return this.#sequelize.close();
  }
}

export function openDatabase(settings: Settings): Database {
  return new Database(createSequelize(settings, 'service'));
}
