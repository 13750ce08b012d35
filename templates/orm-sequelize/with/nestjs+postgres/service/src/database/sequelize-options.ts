import type { SequelizeOptions } from 'sequelize-typescript';
import type { Settings } from '../config/settings.js';
import { NoteModel } from '../notes/note.model.js';
import { limits } from './limits.js';

export function sequelizeOptions(
  settings: Settings,
  purpose: 'service' | 'migration',
): SequelizeOptions {
  const url = new URL(settings.DATABASE_URL);
  return {
    dialect: 'postgres',
    host: url.hostname,
    port: Number(url.port || 5432),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    // `acquire` is how long a request waits for its turn on one of the connections.
    pool: { max: settings.DATABASE_POOL_SIZE, acquire: limits.statement_timeout },
    // A migration may take its time.
    dialectOptions: purpose === 'service' ? limits : {},
    models: [NoteModel],
    // A model belongs to its connection, so that one process may have several applications.
    repositoryMode: true,
    logging: false,
  };
}
