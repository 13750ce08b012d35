import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDataSource } from '../src/db/data-source.ts';
import { readSettings } from '../src/settings.ts';
import { createDatabase } from './database.ts';

test('the migrations bring a database to what the entities describe, and back', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const source = createDataSource(readSettings({ DATABASE_URL: database.url }), 'migration');
  await source.initialize();
  t.after(() => source.destroy());

  const { upQueries } = await source.driver.createSchemaBuilder().log();
  assert.deepEqual(upQueries, []);

  for (let i = 0; i < source.migrations.length; i++) await source.undoLastMigration();
  await assert.rejects(source.query('SELECT * FROM notes'));
});
