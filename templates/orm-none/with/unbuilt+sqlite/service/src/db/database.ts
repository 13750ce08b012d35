import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Settings } from '../settings.ts';
import { attempt, busyTimeout } from './attempt.ts';

/** Opens `file`, making it and its folder when they are missing. */
export function connect(file: string, timeout: number): Sqlite.Database {
  mkdirSync(dirname(file), { recursive: true });
  const connection = new Sqlite(file, { timeout });
  connection.pragma('journal_mode = WAL');
  connection.pragma('foreign_keys = ON');
  // Safe with a WAL; what is lost is at most the last moment before a power cut.
  connection.pragma('synchronous = NORMAL');
  return connection;
}

/** The one connection of this process. It is opened by the first use that succeeds. */
export class Database {
  readonly #file: string;
  #connection: Sqlite.Database | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Does `work` on the connection; throws Unavailable when the file is locked or cannot be used. */
  run<T>(work: (connection: Sqlite.Database) => T): Promise<T> {
    return attempt(() => work((this.#connection ??= connect(this.#file, busyTimeout))));
  }

  async ping(): Promise<void> {
    await this.run((connection) => connection.prepare('SELECT 1').get());
  }

  async close(): Promise<void> {
    this.#connection?.close();
  }
}

export function openDatabase(settings: Pick<Settings, 'DATABASE_URL'>): Database {
  return new Database(settings.DATABASE_URL);
}
