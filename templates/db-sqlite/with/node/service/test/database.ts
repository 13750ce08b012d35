import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { runScript } from './scripts.ts';

export interface TestDatabase {
  url: string;
  /** Keeps everyone else from writing until the returned function is called. */
  lock(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

/** A file of its own in a temporary folder, with the real migrations. */
export async function createDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'test-'));
  const file = join(folder, 'made-when-missing', 'app.db');
  const url = `sqlite:///${file}`;
  await runScript('migrate', { DATABASE_URL: url });
  return {
    url,
    lock: async () => {
      const other = new Sqlite(file);
      other.exec('BEGIN IMMEDIATE');
      return async () => {
        other.close();
      };
    },
    drop: () => rm(folder, { recursive: true }),
  };
}
