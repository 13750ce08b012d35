import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { noteEntity } from '../notes/note.entity.ts';
import type { Settings } from '../settings.ts';
import { limits } from './limits.ts';

export function createDataSource(settings: Settings, purpose: 'service' | 'migration'): DataSource {
  return new DataSource({
    type: 'postgres',
    url: settings.DATABASE_URL,
    poolSize: settings.DATABASE_POOL_SIZE,
    // A migration may take its time.
    extra: purpose === 'service' ? limits : {},
    // An idle connection that is lost is replaced by the next query.
    poolErrorHandler: () => {},
    entities: [noteEntity],
    migrations: [join(import.meta.dirname, 'migrations', '*.ts')],
    logging: false,
  });
}
