import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import type { Settings } from '../config/settings.js';
import { NoteEntity } from '../notes/note.entity.js';
import { limits } from './limits.js';

export function dataSourceOptions(
  settings: Settings,
  purpose: 'service' | 'migration',
): DataSourceOptions {
  return {
    type: 'postgres',
    url: settings.DATABASE_URL,
    poolSize: settings.DATABASE_POOL_SIZE,
    // A migration may take its time.
    extra: purpose === 'service' ? limits : {},
    // An idle connection that is lost is replaced by the next query.
    poolErrorHandler: () => {},
    entities: [NoteEntity],
    migrations: [join(import.meta.dirname, 'migrations', '*.js')],
    logging: false,
  };
}
