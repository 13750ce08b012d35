import { Sequelize } from 'sequelize';
import type { Settings } from '../settings.ts';
import { busyTimeout } from './attempt.ts';
import { createDriver } from './sqlite-driver.ts';

/** One connection for all statements, and one of its own for each transaction. */
export function createSequelize(settings: Settings, purpose: 'service' | 'migration'): Sequelize {
  return new Sequelize({
    dialect: 'sqlite',
    dialectModule: createDriver(purpose === 'service' ? busyTimeout : 5_000),
    storage: settings.DATABASE_URL,
    logging: false,
  });
}
