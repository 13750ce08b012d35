import assert from 'node:assert/strict';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { createDatabase } from './database.ts';

test('the file has a write-ahead log, so that readers and the writer do not wait for each other', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const file = new Sqlite(database.url.slice('sqlite:///'.length));
  t.after(() => file.close());
  assert.equal(file.pragma('journal_mode', { simple: true }), 'wal');
});
