import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createDatabase, type TestDatabase } from './database.ts';
import { assertProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

const json = { 'content-type': 'application/json' };

describe('errors', () => {
  let database: TestDatabase;
  let service: Service;
  let id: number;

  before(async () => {
    database = await createDatabase();
    service = await startService({ DATABASE_URL: database.url });
    const answer = await service.request('POST', '/api/notes', { json: { title: 'A note' } });
    id = answer.json().id;
  });
  after(async () => {
    const { items } = (await service.request('GET', '/api/notes')).json();
    await service.close();
    await database.drop();
    // Nothing of what is refused below has left a trace.
    assert.deepEqual(
      items.map(({ title, body }: Record<string, unknown>) => [title, body]),
      [['A note', '']],
    );
  });

  describe('422: a new note', () => {
    const cases: [name: string, body: unknown, fields: string[]][] = [
      ['without a title', {}, ['title']],
      ['with a null title', { title: null }, ['title']],
      ['with a number for a title', { title: 1 }, ['title']],
      ['with an empty title', { title: '' }, ['title']],
      ['with a long title', { title: 'x'.repeat(201) }, ['title']],
      ['with a NUL in its title', { title: 'a\0b' }, ['title']],
      ['with half a surrogate pair in its title', { title: 'a\ud800' }, ['title']],
      ['with a null body', { title: 'x', body: null }, ['body']],
      ['with a list for a body', { title: 'x', body: [] }, ['body']],
      ['with a long body', { title: 'x', body: 'x'.repeat(100_001) }, ['body']],
      ['with a NUL in its body', { title: 'x', body: '\0' }, ['body']],
      ['with half a surrogate pair in its body', { title: 'x', body: '\udc00' }, ['body']],
      ['with a field that is not known', { title: 'x', pinned: true }, ['pinned']],
      ['with an id', { title: 'x', id: 7 }, ['id']],
      ['with several faults', { title: '', body: 1, x: 1 }, ['title', 'body', 'x']],
      ['that is a list', [], ['body']],
      ['that is null', null, ['body']],
      ['that is a string', 'title', ['body']],
    ];
    for (const [name, body, fields] of cases) {
      test(name, async () => {
        assertProblem(await service.request('POST', '/api/notes', { json: body }), 422, fields);
      });
    }
  });

  describe('422: a change', () => {
    const cases: [name: string, body: unknown, fields: string[]][] = [
      ['with a null title', { title: null }, ['title']],
      ['with an empty title', { title: '' }, ['title']],
      ['with a long title', { title: 'x'.repeat(201) }, ['title']],
      ['with a NUL in its title', { title: '\0' }, ['title']],
      ['with a null body', { body: null }, ['body']],
      ['with a number for a body', { body: 1 }, ['body']],
      ['with a long body', { body: 'x'.repeat(100_001) }, ['body']],
      ['with half a surrogate pair in its body', { body: '\ud800' }, ['body']],
      ['of a field that is not known', { pinned: true }, ['pinned']],
      ['of the id', { id: 7 }, ['id']],
      ['of a time', { createdAt: '2026-01-01T00:00:00Z' }, ['createdAt']],
      ['that is null', null, ['body']],
    ];
    for (const [name, body, fields] of cases) {
      test(name, async () => {
        const answer = await service.request('PATCH', `/api/notes/${id}`, { json: body });
        assertProblem(answer, 422, fields);
      });
    }
  });

  describe('422: a query', () => {
    const cases: [query: string, fields: string[]][] = [
      ['limit=0', ['limit']],
      ['limit=101', ['limit']],
      ['limit=-1', ['limit']],
      ['limit=1.5', ['limit']],
      ['limit=1e1', ['limit']],
      ['limit=0x10', ['limit']],
      ['limit=ten', ['limit']],
      ['limit=', ['limit']],
      ['limit=%201', ['limit']],
      ['limit=1&limit=2', ['limit']],
      ['after=-1', ['after']],
      ['after=x', ['after']],
      ['after=9007199254740992', ['after']],
      ['after=99999999999999999999', ['after']],
      ['page=1', ['page']],
      ['limit=0&after=-1&x=1', ['limit', 'after', 'x']],
    ];
    for (const [query, fields] of cases) {
      test(query, async () => {
        assertProblem(await service.request('GET', `/api/notes?${query}`), 422, fields);
      });
    }
  });

  test('422: a query where none is taken', async () => {
    const path = `/api/notes/${id}?x=1`;
    assertProblem(await service.request('GET', path), 422, ['x']);
    assertProblem(await service.request('PATCH', path, { json: {} }), 422, ['x']);
    assertProblem(await service.request('DELETE', path), 422, ['x']);
    const post = await service.request('POST', '/api/notes?x=1', { json: { title: 'x' } });
    assertProblem(post, 422, ['x']);
  });

  describe('422: an id', () => {
    for (const wrong of ['0', '-1', '1.5', 'abc', '1e3', '9007199254740992', '9'.repeat(400)]) {
      test(wrong.slice(0, 20), async () => {
        const path = `/api/notes/${wrong}`;
        assertProblem(await service.request('GET', path), 422, ['id']);
        assertProblem(await service.request('DELETE', path), 422, ['id']);
        assertProblem(await service.request('PATCH', path, { json: {} }), 422, ['id']);
      });
    }
  });

  test('404: the largest id', async () => {
    const path = `/api/notes/${Number.MAX_SAFE_INTEGER}`;
    assertProblem(await service.request('GET', path), 404);
  });

  describe('400: a body that is not JSON', () => {
    const cases: [name: string, body: string | Buffer][] = [
      ['cut off', '{"title":'],
      ['with text behind it', '{"title":"x"} x'],
      ['in single quotes', "{'title':'x'}"],
      ['empty', ''],
      ['only space', '  '],
      ['not UTF-8', Buffer.from([...Buffer.from('{"title":"'), 0xff, ...Buffer.from('"}')])],
    ];
    for (const [name, body] of cases) {
      test(name, async () => {
        const post = await service.request('POST', '/api/notes', { headers: json, body });
        assertProblem(post, 400);
        const patch = await service.request('PATCH', `/api/notes/${id}`, { headers: json, body });
        assertProblem(patch, 400);
      });
    }
  });

  describe('415: a body of another type', () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
      test(type, async () => {
        const headers = { 'content-type': type };
        const body = '{"title":"x"}';
        assertProblem(await service.request('POST', '/api/notes', { headers, body }), 415);
        const path = `/api/notes/${id}`;
        assertProblem(await service.request('PATCH', path, { headers, body }), 415);
      });
    }
    test('none, and no body', async () => {
      assertProblem(await service.request('POST', '/api/notes'), 415);
    });
    test('compressed', async () => {
      const headers = { ...json, 'content-encoding': 'gzip' };
      const body = Buffer.from([0x1f, 0x8b, 0x08]);
      assertProblem(await service.request('POST', '/api/notes', { headers, body }), 415);
    });
    test('but not for an encoding that is none', async () => {
      const headers = { ...json, 'content-encoding': 'identity' };
      const answer = await service.request('POST', '/api/notes', { headers, body: '{}' });
      assertProblem(answer, 422, ['title']);
    });
    test('before what is in it', async () => {
      const headers = { 'content-type': 'text/plain' };
      const answer = await service.request('POST', '/api/notes', { headers, body: '{' });
      assertProblem(answer, 415);
    });
    test('but not for parameters and capitals', async () => {
      const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
      const body = '{"title":""}';
      const answer = await service.request('POST', '/api/notes', { headers, body });
      assertProblem(answer, 422, ['title']);
    });
  });

  describe('413: a body over 1 MiB', () => {
    const body = JSON.stringify({ title: 'x', body: 'x'.repeat(1024 * 1024) });
    test('on POST', async () => {
      assertProblem(await service.request('POST', '/api/notes', { headers: json, body }), 413);
    });
    test('on PATCH', async () => {
      const path = `/api/notes/${id}`;
      assertProblem(await service.request('PATCH', path, { headers: json, body }), 413);
    });
    test('but not for one of exactly that size', async () => {
      const full = '{"title":""}'.padEnd(1024 * 1024);
      const answer = await service.request('POST', '/api/notes', { headers: json, body: full });
      assertProblem(answer, 422, ['title']);
    });
  });

  describe('404: no such route', () => {
    const paths = [
      '/nothing',
      '/api',
      '/api/note',
      '/api/notes/',
      '/api/notes/1/',
      '/api/notes/1/2',
      '/API/notes',
      '/healthz/',
      '/docs/nothing',
    ];
    for (const path of paths) {
      test(path, async () => {
        assertProblem(await service.request('GET', path), 404);
      });
    }
    for (const type of ['text/plain', 'application/json']) {
      test(`whatever the ${type} is`, async () => {
        const headers = { 'content-type': type };
        assertProblem(await service.request('POST', '/nothing', { headers, body: '{' }), 404);
      });
    }
  });

  describe('405: a known path with another method', () => {
    const cases: [method: string, path: string, allow: string[]][] = [
      ['PUT', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['DELETE', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['PATCH', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['OPTIONS', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['POST', '/api/notes/1', ['DELETE', 'GET', 'HEAD', 'PATCH']],
      ['PUT', '/api/notes/1', ['DELETE', 'GET', 'HEAD', 'PATCH']],
      ['PUT', '/api/notes/abc', ['DELETE', 'GET', 'HEAD', 'PATCH']],
      ['POST', '/healthz', ['GET', 'HEAD']],
      ['DELETE', '/readyz', ['GET', 'HEAD']],
      ['POST', '/openapi.json', ['GET', 'HEAD']],
      ['POST', '/docs', ['GET', 'HEAD']],
      ['POST', '/', ['GET', 'HEAD']],
    ];
    for (const [method, path, allow] of cases) {
      test(`${method} ${path}`, async () => {
        const answer = await service.request(method, path);
        assertProblem(answer, 405);
        const allowed = (answer.headers.get('allow') ?? '').split(', ');
        assert.deepEqual(allowed.toSorted(), allow);
      });
    }
    for (const type of ['text/plain', 'application/json']) {
      test(`whatever the ${type} is`, async () => {
        const headers = { 'content-type': type };
        assertProblem(await service.request('PUT', '/api/notes', { headers, body: '{' }), 405);
      });
    }
  });

  test('a path that cannot be decoded is refused like any other', async () => {
    const answer = await service.request('GET', '/api/notes/%zz');
    assertProblem(answer, 422, ['id']);
    assertProblem(await service.request('GET', '/%zz?limit=1'), 404);
    assert.ok(answer.headers.has('x-request-id'));
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });
});
