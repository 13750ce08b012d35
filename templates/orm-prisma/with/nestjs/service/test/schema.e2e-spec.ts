import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from './database.js';
import { runScript } from './scripts.js';

test('the migrations bring a database to what the models describe', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const env = { DATABASE_URL: database.url };
  expect(await runScript('drift', env)).toContain('No difference detected');

  await database.execute('ALTER TABLE notes ADD COLUMN author TEXT');
  await expect(runScript('drift', env)).rejects.toMatchObject({
    stdout: expect.stringMatching(/^\[\*\] .*`notes`/m),
  });
});
