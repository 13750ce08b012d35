import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import type { Settings } from '../config/settings.js';
import { NoteEntity } from '../notes/note.entity.js';
import { busyTimeout } from './attempt.js';

/**
 * All queries share one connection, so statements of another request can come between those of
 * a transaction. What has to happen together is therefore one statement.
 */
export function dataSourceOptions(
  settings: Settings,
  purpose: 'service' | 'migration',
): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: settings.DATABASE_URL,
    enableWAL: true,
    timeout: purpose === 'service' ? busyTimeout : 5_000,
    entities: [NoteEntity],
    migrations: [join(import.meta.dirname, 'migrations', '*.js')],
    logging: false,
  };
}
