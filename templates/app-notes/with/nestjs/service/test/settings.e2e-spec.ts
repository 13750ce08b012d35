import { describe, expect, test } from 'vitest';
import { readSettings, SettingsError } from '../src/config/settings.js';
import { exampleUrl } from './database.js';
import { runProcess } from './process.js';

describe('settings', () => {
  test('have defaults, also for what is empty', () => {
    const expected = { HOST: '127.0.0.1', PORT: 3000, LOG_LEVEL: 'info', CORS_ORIGINS: [] };
    for (const env of [{}, { HOST: '', PORT: '', LOG_LEVEL: '', CORS_ORIGINS: '' }]) {
      const { HOST, PORT, LOG_LEVEL, CORS_ORIGINS } = readSettings({
        ...env,
        DATABASE_URL: exampleUrl,
      });
      expect({ HOST, PORT, LOG_LEVEL, CORS_ORIGINS }).toEqual(expected);
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
      expect(() => readSettings(env)).toThrow(SettingsError);
      expect(() => readSettings(env)).toThrow(`${key} must be`);
    });
  }

  test('end the process with one line that names everything that is wrong', async () => {
    const service = runProcess({ PORT: 'x', LOG_LEVEL: 'loud', CORS_ORIGINS: 'x' });
    expect(await service.exit()).toBe(1);
    expect(service.stdout()).toBe('');
    expect(service.stderr()).toMatch(/^[^\n]+\n$/);
    for (const key of ['PORT', 'LOG_LEVEL', 'CORS_ORIGINS', 'DATABASE_URL is missing']) {
      expect(service.stderr()).toContain(key);
    }
  });
});
