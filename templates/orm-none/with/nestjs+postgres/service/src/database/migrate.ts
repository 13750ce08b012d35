import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { loadSettings } from '../config/settings.js';
import { script } from './script.js';

const folder = join(import.meta.dirname, 'migrations');
const client = new Client(loadSettings().DATABASE_URL);

await script(async () => {
  await client.connect();
  try {
    await client.query('BEGIN');
    // Whoever gets the lock first migrates; another process then finds nothing left to do.
    await client.query("SELECT pg_advisory_xact_lock(hashtext('migrations'))");
    await client.query('CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY)');
    const { rows } = await client.query<{ name: string }>('SELECT name FROM schema_migrations');
    const done = new Set(rows.map(({ name }) => name));
    const names = (await readdir(folder)).filter(
      (name) => name.endsWith('.sql') && !done.has(name),
    );
    for (const name of names.toSorted()) {
      await client.query(await readFile(join(folder, name), 'utf8'));
      await client.query('INSERT INTO schema_migrations (name) VALUES ($1)', [name]);
      console.log(`Applied ${name}.`);
    }
    await client.query('COMMIT');
    if (names.length === 0) console.log('The schema is up to date.');
  } finally {
    await client.end();
  }
});
