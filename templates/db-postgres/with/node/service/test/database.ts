import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { runScript } from './scripts.ts';

if (existsSync('.env')) process.loadEnvFile('.env');
const server = process.env['DATABASE_URL'] ?? 'postgresql://app:app@localhost:5432/app';

export interface TestDatabase {
  url: string;
  /** Keeps everyone else out of the notes until the returned function is called. */
  lock(): Promise<() => Promise<void>>;
  /** Cuts every connection that there is. */
  disconnect(): Promise<void>;
  drop(): Promise<void>;
}

/** A database of its own beside that of DATABASE_URL, with the real migrations. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await query(server, `CREATE DATABASE ${name}`);
  await runScript('migrate', { DATABASE_URL: url.href });
  return {
    url: url.href,
    lock: async () => {
      const other = new Client(url.href);
      await other.connect();
      await other.query('BEGIN; LOCK TABLE notes IN ACCESS EXCLUSIVE MODE');
      return () => other.end();
    },
    disconnect: () =>
      query(
        server,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      ),
    drop: () => query(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function query(url: string, statement: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
