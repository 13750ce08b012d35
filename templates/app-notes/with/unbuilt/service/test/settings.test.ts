import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSettings, SettingsError } from '../src/settings.ts';
import { exampleUrl } from './database.ts';
import { runProcess } from './process.ts';

describe('settings', () => {
  test('have defaults, also for what is empty', () => {
    const expected = { HOST: '127.0.0.1', PORT: 3000, LOG_LEVEL: 'info', CORS_ORIGINS: [] };
    for (const env of [{}, { HOST: '', PORT: '', LOG_LEVEL: '', CORS_ORIGINS: '' }]) {
      const { HOST, PORT, LOG_LEVEL, CORS_ORIGINS } = readSettings({
        ...env,
        DATABASE_URL: exampleUrl,
      });
      assert.deepEqual({ HOST, PORT, LOG_LEVEL, CORS_ORIGINS }, expected);
    }
  });

  const wrong: [key: string, value: string][] = [
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '80a'],
    ['PORT', '-1'],
    ['PORT', '1.5'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_LEVEL', 'INFO'],
    ['CORS_ORIGINS', 'localhost'],
    ['CORS_ORIGINS', 'http://localhost:5173/'],
    ['CORS_ORIGINS', 'http://localhost:5173,'],
    ['CORS_ORIGINS', '*'],
    ['DATABASE_URL', 'mysql://localhost/app'],
    ['DATABASE_URL', exampleUrl.slice(0, exampleUrl.indexOf('/'))],
  ];
  for (const [key, value] of wrong) {
    test(`refuse ${key}=${value}`, () => {
      const env = { DATABASE_URL: exampleUrl, [key]: value };
      assert.throws(
        () => readSettings(env),
        (error) => error instanceof SettingsError && error.message.startsWith(`${key} must be`),
      );
    });
  }

  test('end the process with one line that names everything that is wrong', async () => {
    const service = runProcess({ PORT: 'x', LOG_LEVEL: 'loud', CORS_ORIGINS: 'x' });
    assert.equal(await service.exit(), 1);
    assert.equal(service.stdout(), '');
    assert.match(service.stderr(), /^[^\n]+\n$/);
    for (const key of ['PORT', 'LOG_LEVEL', 'CORS_ORIGINS', 'DATABASE_URL is missing']) {
      assert.ok(service.stderr().includes(key), service.stderr());
    }
  });
});
