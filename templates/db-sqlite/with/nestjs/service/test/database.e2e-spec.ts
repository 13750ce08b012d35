import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from './database.js';

test('the file has a write-ahead log, so that readers and the writer do not wait for each other', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const file = new Sqlite(database.url.slice('sqlite:///'.length));
  onTestFinished(() => {
    file.close();
  });
  expect(file.pragma('journal_mode', { simple: true })).toBe('wal');
});
