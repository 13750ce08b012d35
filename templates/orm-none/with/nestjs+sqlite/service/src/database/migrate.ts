import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../config/settings.js';
import { connect } from './database.js';
import { script } from './script.js';

const folder = join(import.meta.dirname, 'migrations');
const settings = loadSettings();

await script(async () => {
  const connection = connect(settings.DATABASE_URL, 5_000);
  /** Whoever gets the lock first migrates; another process then finds nothing left to do. */
  const migrate = connection.transaction(() => {
    connection.exec('CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY) STRICT');
    const done = new Set(connection.prepare('SELECT name FROM schema_migrations').pluck().all());
    const names = readdirSync(folder).filter((name) => name.endsWith('.sql') && !done.has(name));
    for (const name of names.toSorted()) {
      connection.exec(readFileSync(join(folder, name), 'utf8'));
      connection.prepare('INSERT INTO schema_migrations (name) VALUES (?)').run(name);
      console.log(`Applied ${name}.`);
    }
    if (names.length === 0) console.log('The schema is up to date.');
  });
  try {
    migrate.immediate();
  } finally {
    connection.close();
  }
});
