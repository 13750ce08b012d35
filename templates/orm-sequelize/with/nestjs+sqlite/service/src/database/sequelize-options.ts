import type { SequelizeOptions } from 'sequelize-typescript';
import type { Settings } from '../config/settings.js';
import { NoteModel } from '../notes/note.model.js';
import { busyTimeout } from './attempt.js';
import { createDriver } from './sqlite-driver.js';

/** One connection for all statements, and one of its own for each transaction. */
export function sequelizeOptions(
  settings: Settings,
  purpose: 'service' | 'migration',
): SequelizeOptions {
  return {
    dialect: 'sqlite',
    dialectModule: createDriver(purpose === 'service' ? busyTimeout : 5_000),
    storage: settings.DATABASE_URL,
    models: [NoteModel],
    // A model belongs to its connection, so that one process may have several applications.
    repositoryMode: true,
    logging: false,
  };
}
