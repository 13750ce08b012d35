import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { runScript } from './scripts.js';

/** A setting that fits; there need not be such a database. */
export const exampleUrl = 'sqlite:///data/app.db';

/** A minute after a time that is kept, in SQL. */
export const minuteLater = (column: string) => `${column} + 60000`;

export interface TestDatabase {
  url: string;
  /** Runs statements beside the service. */
  execute(statements: string): Promise<void>;
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
    execute: async (statements) => {
      const other = new Sqlite(file);
      other.exec(statements);
      other.close();
    },
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

/** A database that cannot be reached until `appear` is called: a file is where its folder has to be. */
export async function createAwayDatabase(): Promise<{
  url: string;
  appear(): Promise<void>;
  drop(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'test-'));
  const obstacle = join(folder, 'data');
  const url = `sqlite:///${join(obstacle, 'app.db')}`;
  await writeFile(obstacle, '');
  return {
    url,
    appear: async () => {
      await rm(obstacle);
      await runScript('migrate', { DATABASE_URL: url });
    },
    drop: () => rm(folder, { recursive: true }),
  };
}
