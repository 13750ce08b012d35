import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from './database.ts';
import { runScript } from './scripts.ts';

test('the migrations bring a database to what the models describe', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const env = { DATABASE_URL: database.url };
  assert.match(await runScript('drift', env), /No difference detected/);

  await database.execute('ALTER TABLE notes ADD COLUMN author TEXT');
  await assert.rejects(runScript('drift', env), { stdout: /^\[\*\] .*`notes`/m });
});
