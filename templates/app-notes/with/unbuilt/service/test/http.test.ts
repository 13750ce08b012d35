import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createDatabase, type TestDatabase } from './database.ts';
import { type Service, startService } from './service.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const origin = 'https://front.example';

describe('http', () => {
  let database: TestDatabase;
  let service: Service;

  before(async () => {
    database = await createDatabase();
    service = await startService({ DATABASE_URL: database.url });
  });
  after(async () => {
    await service.close();
    await database.drop();
  });

  test('/healthz and /readyz say that all is well', async () => {
    const health = await service.request('GET', '/healthz');
    assert.equal(health.status, 200);
    assert.deepEqual(health.json(), { status: 'ok' });
    const readiness = await service.request('GET', '/readyz');
    assert.equal(readiness.status, 200);
    assert.deepEqual(readiness.json(), { status: 'ok', checks: { database: 'ok' } });
    const unique = await service.request('GET', '/healthz?time=1');
    assert.equal(unique.status, 200);
  });

  test('HEAD is GET without the body', async () => {
    for (const path of ['/healthz', '/readyz', '/api/notes', '/openapi.json', '/docs']) {
      const answer = await service.request('HEAD', path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.text, '');
    }
  });

  test('/ leads to the documentation', async () => {
    const answer = await service.request('GET', '/');
    assert.equal(answer.status, 307);
    assert.equal(answer.headers.get('location'), '/docs');
  });

  test('/docs loads everything from this service', async () => {
    const page = await service.request('GET', '/docs');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html\b/);
    const links = [...page.text.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)];
    assert.ok(links.length >= 3);
    for (const [, link = ''] of links) {
      assert.match(link, /^\/docs\//);
      const asset = await service.request('GET', link);
      assert.equal(asset.status, 200, link);
      assert.match(asset.headers.get('content-type') ?? '', /javascript|css|image/);
    }
    assert.doesNotMatch(page.text, /<script(?![^>]+src=)|<style|\son[a-z]+=/);
  });

  test('a request id is echoed when it is safe, and replaced when it is not', async () => {
    for (const id of ['a', 'Abc-123_x.y', 'x'.repeat(64)]) {
      const headers = { 'x-request-id': id };
      const answer = await service.request('GET', '/healthz', { headers });
      assert.equal(answer.headers.get('x-request-id'), id);
    }
    for (const id of ['', 'x'.repeat(65), 'a b', 'a"b', 'ä', 'a/b']) {
      const headers = { 'x-request-id': id };
      const answer = await service.request('GET', '/healthz', { headers });
      assert.match(answer.headers.get('x-request-id') ?? '', uuid);
    }
    const ids = await Promise.all(
      ['/healthz', '/healthz', '/nothing', '/api/notes/0', '/docs'].map(async (path) =>
        (await service.request('GET', path)).headers.get('x-request-id'),
      ),
    );
    for (const id of ids) assert.match(id ?? '', uuid);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('every answer has the security headers', async () => {
    const requests = [
      ['GET', '/healthz'],
      ['GET', '/api/notes'],
      ['GET', '/docs'],
      ['GET', '/nothing'],
      ['PUT', '/api/notes'],
      ['POST', '/api/notes'],
      ['GET', '/api/notes/0'],
    ] as const;
    for (const [method, path] of requests) {
      const { headers } = await service.request(method, path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /(^|;)default-src 'self'(;|$)/);
      assert.match(policy, /(^|;)frame-ancestors 'none'(;|$)/);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.equal(headers.get('x-powered-by'), null);
      assert.equal(headers.get('server'), null);
    }
  });

  test('no origin is let in unless it is named', async () => {
    const answer = await service.request('GET', '/api/notes', { headers: { origin } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
    const headers = { origin, 'access-control-request-method': 'POST' };
    const preflight = await service.request('OPTIONS', '/api/notes', { headers });
    assert.equal(preflight.headers.get('access-control-allow-origin'), null);
    assert.equal(preflight.headers.get('access-control-allow-methods'), null);
  });

  test('the origins of CORS_ORIGINS are let in, and no others', async (t) => {
    const open = await startService({
      DATABASE_URL: database.url,
      CORS_ORIGINS: `http://localhost:5173, ${origin}`,
    });
    t.after(() => open.close());
    const allowed = async (from: string, path: string) => {
      const { headers } = await open.request('GET', path, { headers: { origin: from } });
      return headers.get('access-control-allow-origin');
    };
    assert.equal(await allowed(origin, '/api/notes'), origin);
    assert.equal(await allowed('http://localhost:5173', '/api/notes'), 'http://localhost:5173');
    assert.equal(await allowed(origin, '/nothing'), origin);
    assert.equal(await allowed('https://evil.example', '/api/notes'), null);
    assert.equal(await allowed(`${origin}.evil.example`, '/api/notes'), null);

    const preflight = await open.request('OPTIONS', '/api/notes/1', {
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'content-type',
      },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
    assert.match(preflight.headers.get('vary') ?? '', /\borigin\b/i);
    const methods = preflight.headers.get('access-control-allow-methods') ?? '';
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) assert.match(methods, RegExp(method));
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /content-type/i);

    const plain = await open.request('OPTIONS', '/api/notes', { headers: { origin } });
    assert.equal(plain.status, 405);
  });
});
