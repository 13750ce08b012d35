import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import Sqlite from 'better-sqlite3';
import { SETTINGS, type Settings } from '../config/settings.js';
import { attempt, busyTimeout } from './attempt.js';

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
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly file: string;
  private connection: Sqlite.Database | undefined;

  constructor(@Inject(SETTINGS) { DATABASE_URL }: Pick<Settings, 'DATABASE_URL'>) {
    this.file = DATABASE_URL;
  }

  /** Does `work` on the connection; answers 503 when the file is locked or cannot be used. */
  run<T>(work: (connection: Sqlite.Database) => T): Promise<T> {
    return attempt(() => work((this.connection ??= connect(this.file, busyTimeout))));
  }

  async ping(): Promise<void> {
    await this.run((connection) => connection.prepare('SELECT 1').get());
  }

  onApplicationShutdown(): void {
    this.connection?.close();
  }
}
