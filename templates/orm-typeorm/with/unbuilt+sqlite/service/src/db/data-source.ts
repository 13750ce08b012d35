import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { noteEntity } from '../notes/note.entity.ts';
import type { Settings } from '../settings.ts';
import { busyTimeout } from './attempt.ts';

/**
 * All queries share one connection, so statements of another request can come between those of
 * a transaction. What has to happen together is therefore one statement.
 */
export function createDataSource(settings: Settings, purpose: 'service' | 'migration'): DataSource {
  return new DataSource({
    type: 'better-sqlite3',
    database: settings.DATABASE_URL,
    enableWAL: true,
    timeout: purpose === 'service' ? busyTimeout : 5_000,
    entities: [noteEntity],
    migrations: [join(import.meta.dirname, 'migrations', '*.ts')],
    logging: false,
  });
}
