import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type { Settings } from '../config/settings.js';
import { busyTimeout } from './attempt.js';

/**
 * All queries share one connection, so statements of another request can come between those of
 * a transaction. What has to happen together is therefore one statement.
 */
class Adapter extends PrismaBetterSqlite3 {
  readonly #file: string;

  constructor(file: string) {
    super({ url: file, timeout: busyTimeout }, { timestampFormat: 'unixepoch-ms' });
    this.#file = file;
  }

  override async connect() {
    mkdirSync(dirname(this.#file), { recursive: true });
    const connection = await super.connect();
    // With a WAL this is safe; what is lost is at most the last moment before a power cut.
    await connection.executeScript('PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL');
    return connection;
  }
}

export function createAdapter(settings: Settings): Adapter {
  return new Adapter(settings.DATABASE_URL);
}
