import { Sequelize } from 'sequelize';
import type { Settings } from '../settings.ts';
import { limits } from './limits.ts';

export function createSequelize(settings: Settings, purpose: 'service' | 'migration'): Sequelize {
  return new Sequelize(settings.DATABASE_URL, {
    dialect: 'postgres',
    // `acquire` is how long a request waits for its turn on one of the connections.
    pool: { max: settings.DATABASE_POOL_SIZE, acquire: limits.statement_timeout },
    // A migration may take its time.
    dialectOptions: purpose === 'service' ? limits : {},
    logging: false,
  });
}
