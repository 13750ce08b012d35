import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.js';
import { startApp } from './app.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const origin = 'https://front.example';

describe('http', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;

  beforeAll(async () => {
    database = await createDatabase();
    app = await startApp({ DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  test('/healthz and /readyz say that all is well', async () => {
    const health = await request(app.getHttpServer()).get('/healthz');
    expect(health.status).toBe(200);
    expect(health.body).toEqual({ status: 'ok' });
    const readiness = await request(app.getHttpServer()).get('/readyz');
    expect(readiness.status).toBe(200);
    expect(readiness.body).toEqual({ status: 'ok', checks: { database: 'ok' } });
    const unique = await request(app.getHttpServer()).get('/healthz?time=1');
    expect(unique.status).toBe(200);
  });

  test('HEAD is GET without the body', async () => {
    for (const path of ['/healthz', '/readyz', '/api/notes', '/openapi.json', '/docs']) {
      const answer = await request(app.getHttpServer()).head(path);
      expect(answer.status, path).toBe(200);
      expect(answer.text ?? '').toBe('');
    }
  });

  test('/ leads to the documentation', async () => {
    const answer = await request(app.getHttpServer()).get('/');
    expect(answer.status).toBe(307);
    expect(answer.headers['location']).toBe('/docs');
  });

  test('/docs loads everything from this service', async () => {
    const page = await request(app.getHttpServer()).get('/docs');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html\b/);
    const links = [...page.text.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)];
    expect(links.length).toBeGreaterThanOrEqual(3);
    for (const [, link = ''] of links) {
      expect(link).toMatch(/^\/docs\//);
      const asset = await request(app.getHttpServer()).get(link);
      expect(asset.status, link).toBe(200);
      expect(asset.headers['content-type']).toMatch(/javascript|css|image/);
    }
    expect(page.text).not.toMatch(/<script(?![^>]+src=)|<style|\son[a-z]+=/);
  });

  test('a request id is echoed when it is safe, and replaced when it is not', async () => {
    for (const id of ['a', 'Abc-123_x.y', 'x'.repeat(64)]) {
      const headers = { 'x-request-id': id };
      const answer = await request(app.getHttpServer()).get('/healthz').set(headers);
      expect(answer.headers['x-request-id']).toBe(id);
    }
    for (const id of ['', 'x'.repeat(65), 'a b', 'a"b', 'ä', 'a/b']) {
      const headers = { 'x-request-id': id };
      const answer = await request(app.getHttpServer()).get('/healthz').set(headers);
      expect(answer.headers['x-request-id']).toMatch(uuid);
    }
    const ids = await Promise.all(
      ['/healthz', '/healthz', '/nothing', '/api/notes/0', '/docs'].map(
        async (path) => (await request(app.getHttpServer()).get(path)).headers['x-request-id'],
      ),
    );
    for (const id of ids) expect(id).toMatch(uuid);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every answer has the security headers', async () => {
    const requests = [
      ['get', '/healthz'],
      ['get', '/api/notes'],
      ['get', '/docs'],
      ['get', '/nothing'],
      ['put', '/api/notes'],
      ['post', '/api/notes'],
      ['get', '/api/notes/0'],
    ] as const;
    for (const [method, path] of requests) {
      const { headers } = await request(app.getHttpServer())[method](path);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['referrer-policy']).toBe('no-referrer');
      const policy = headers['content-security-policy'];
      expect(policy).toMatch(/(^|;)default-src 'self'(;|$)/);
      expect(policy).toMatch(/(^|;)frame-ancestors 'none'(;|$)/);
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['server']).toBeUndefined();
    }
  });

  test('no origin is let in unless it is named', async () => {
    const answer = await request(app.getHttpServer()).get('/api/notes').set({ origin });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    const headers = { origin, 'access-control-request-method': 'POST' };
    const preflight = await request(app.getHttpServer()).options('/api/notes').set(headers);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    expect(preflight.headers['access-control-allow-methods']).toBeUndefined();
  });

  test('the origins of CORS_ORIGINS are let in, and no others', async () => {
    const open = await startApp({
      DATABASE_URL: database.url,
      CORS_ORIGINS: `http://localhost:5173, ${origin}`,
    });
    onTestFinished(() => open.close());
    const allowed = async (from: string, path: string) => {
      const { headers } = await request(open.getHttpServer()).get(path).set({ origin: from });
      return headers['access-control-allow-origin'];
    };
    expect(await allowed(origin, '/api/notes')).toBe(origin);
    expect(await allowed('http://localhost:5173', '/api/notes')).toBe('http://localhost:5173');
    expect(await allowed(origin, '/nothing')).toBe(origin);
    expect(await allowed('https://evil.example', '/api/notes')).toBeUndefined();
    expect(await allowed(`${origin}.evil.example`, '/api/notes')).toBeUndefined();

    const preflight = await request(open.getHttpServer()).options('/api/notes/1').set({
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'content-type',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(origin);
    expect(preflight.headers['vary']).toMatch(/\borigin\b/i);
    const methods = preflight.headers['access-control-allow-methods'];
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE'])
      expect(methods).toMatch(RegExp(method));
    expect(preflight.headers['access-control-allow-headers']).toMatch(/content-type/i);

    const plain = await request(open.getHttpServer()).options('/api/notes').set({ origin });
    expect(plain.status).toBe(405);
  });
});
