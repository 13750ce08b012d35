import { readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from './database.js';
import { runNode } from './scripts.js';

test('the migrations bring a database to what the entities describe, and back', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const typeorm = (command: string) =>
    runNode(['node_modules/typeorm/cli.js', command, '-d', 'dist/database/data-source.js'], {
      DATABASE_URL: database.url,
    });

  expect(await typeorm('schema:log')).toContain('up to date');

  const migrations = readdirSync('dist/database/migrations').filter((name) => name.endsWith('.js'));
  for (const _ of migrations) await typeorm('migration:revert');
  await expect(database.execute('SELECT * FROM notes')).rejects.toThrow('notes');
});
