import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from './database.js';
import { startProcess } from './process.js';

test('connections that the server cuts are replaced without a restart', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const service = await startProcess({ DATABASE_URL: database.url });
  onTestFinished(async () => {
    await service.stop();
  });
  const statuses = () =>
    Promise.all(
      Array.from({ length: 5 }, async () => (await fetch(`${service.url}/api/notes`)).status),
    );
  expect(await statuses()).toEqual([200, 200, 200, 200, 200]);

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
  expect(found).toEqual([200, 200, 200, 200, 200]);
});

test('no more connections are open than DATABASE_POOL_SIZE', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const service = await startProcess({ DATABASE_URL: database.url, DATABASE_POOL_SIZE: '2' });
  onTestFinished(async () => {
    await service.stop();
  });
  await Promise.all(Array.from({ length: 20 }, () => fetch(`${service.url}/api/notes`)));
  await expect(
    database.execute(`
      DO $$ BEGIN
        RAISE EXCEPTION '% connections', (
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
        );
      END $$
    `),
  ).rejects.toThrow(/^[12] connections/);
});
