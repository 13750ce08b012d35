import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { Client } from 'pg';
import { runScript } from './scripts.js';
import { freePort } from './process.js';

/** A setting that fits; there need not be such a database. */
export const exampleUrl = 'postgresql://app:app@localhost:5432/app';

if (existsSync('.env')) process.loadEnvFile('.env');
const server = process.env['DATABASE_URL'] || exampleUrl;

/** A minute after a time that is kept, in SQL. */
export const minuteLater = (column: string) => `${column} + interval '1 minute'`;

export interface TestDatabase {
  url: string;
  /** Runs statements beside the service. */
  execute(statements: string): Promise<void>;
  /** Keeps everyone else out of the notes until the returned function is called. */
  lock(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

/** A database of its own beside that of DATABASE_URL, with the real migrations. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await execute(server, `CREATE DATABASE ${name}`);
  await runScript('migrate', { DATABASE_URL: url.href });
  return {
    url: url.href,
    execute: (statements) => execute(url.href, statements),
    lock: async () => {
      const other = new Client(url.href);
      await other.connect();
      await other.query('BEGIN; LOCK TABLE notes IN ACCESS EXCLUSIVE MODE');
      return () => other.end();
    },
    drop: () => execute(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** A database that cannot be reached until `appear` is called: nobody listens where it should be. */
export async function createAwayDatabase(): Promise<{
  url: string;
  appear(): Promise<void>;
  drop(): Promise<void>;
}> {
  const database = await createDatabase();
  const real = new URL(database.url);
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(await freePort());
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    const target = connect(Number(real.port || 5432), real.hostname);
    for (const end of [socket, target]) {
      sockets.add(end);
      end.on('error', () => {});
    }
    socket.pipe(target).pipe(socket);
  });
  return {
    url: url.href,
    appear: async () => {
      await new Promise<void>((resolve) => {
        proxy.listen(Number(url.port), url.hostname, resolve);
      });
    },
    drop: async () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await database.drop();
    },
  };
}

async function execute(url: string, statements: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}
