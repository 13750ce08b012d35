import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createDatabase } from './database.ts';
import { startProcess } from './process.ts';

test('connections that the server cuts are replaced without a restart', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const service = await startProcess({ DATABASE_URL: database.url });
  t.after(() => service.stop());
  const statuses = () =>
    Promise.all(
      Array.from({ length: 5 }, async () => (await fetch(`${service.url}/api/notes`)).status),
    );
  assert.deepEqual(await statuses(), [200, 200, 200, 200, 200]);

  await database.execute(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
  `);
  // The first requests may meet connections whose end has not been noticed yet.
  let found = await statuses();
  for (let i = 0; i < 50 && found.includes(503); i++) {
    await setTimeout(100);
    found = await statuses();
  }
  assert.deepEqual(found, [200, 200, 200, 200, 200]);
});

test('no more connections are open than DATABASE_POOL_SIZE', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const service = await startProcess({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '2' });
  t.after(() => service.stop());
  await Promise.all(Array.from({ length: 20 }, () => fetch(`${service.url}/api/notes`)));
  await assert.rejects(
    database.execute(`
      DO $$ BEGIN
        RAISE EXCEPTION '% connections', (
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
        );
      END $$
    `),
    /^error: [12] connections/,
  );
});
