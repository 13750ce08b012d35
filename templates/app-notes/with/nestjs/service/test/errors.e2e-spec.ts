import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.js';
import { expectProblem } from './problem.js';
import { startApp } from './app.js';

type Method = 'delete' | 'options' | 'patch' | 'post' | 'put';

const json = { 'content-type': 'application/json' };

describe('errors', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let id: number;

  beforeAll(async () => {
    database = await createDatabase();
    app = await startApp({ DATABASE_URL: database.url });
    const answer = await request(app.getHttpServer()).post('/api/notes').send({ title: 'A note' });
    id = answer.body.id;
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
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
      ['with the name of what all objects have', { title: 'x', constructor: 1 }, ['constructor']],
      ['with several faults', { title: '', body: 1, x: 1 }, ['title', 'body', 'x']],
      ['that is a list', [], ['body']],
      ['that is null', null, ['body']],
      ['that is a string', 'title', ['body']],
    ];
    for (const [name, body, fields] of cases) {
      test(name, async () => {
        const answer = await request(app.getHttpServer())
          .post('/api/notes')
          .set(json)
          .send(JSON.stringify(body));
        expectProblem(answer, 422, fields);
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
        const answer = await request(app.getHttpServer())
          .patch(`/api/notes/${id}`)
          .set(json)
          .send(JSON.stringify(body));
        expectProblem(answer, 422, fields);
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
        expectProblem(await request(app.getHttpServer()).get(`/api/notes?${query}`), 422, fields);
      });
    }
  });

  test('422: a query where none is taken', async () => {
    const path = `/api/notes/${id}?x=1`;
    expectProblem(await request(app.getHttpServer()).get(path), 422, ['x']);
    expectProblem(await request(app.getHttpServer()).patch(path).send({}), 422, ['x']);
    expectProblem(await request(app.getHttpServer()).delete(path), 422, ['x']);
    const create = request(app.getHttpServer()).post('/api/notes?x=1').send({ title: 'x' });
    expectProblem(await create, 422, ['x']);
  });

  describe('422: an id', () => {
    for (const wrong of ['0', '-1', '1.5', 'abc', '1e3', '9007199254740992', '9'.repeat(400)]) {
      test(`such as ${wrong.slice(0, 20)}`, async () => {
        const path = `/api/notes/${wrong}`;
        expectProblem(await request(app.getHttpServer()).get(path), 422, ['id']);
        expectProblem(await request(app.getHttpServer()).delete(path), 422, ['id']);
        expectProblem(await request(app.getHttpServer()).patch(path).send({}), 422, ['id']);
      });
    }
  });

  test('404: the largest id', async () => {
    const path = `/api/notes/${Number.MAX_SAFE_INTEGER}`;
    expectProblem(await request(app.getHttpServer()).get(path), 404);
  });

  describe('400: a body that is not JSON', () => {
    const cases: [name: string, body: string][] = [
      ['cut off', '{"title":'],
      ['with text behind it', '{"title":"x"} x'],
      ['in single quotes', "{'title':'x'}"],
      ['empty', ''],
      ['only space', '  '],
    ];
    for (const [name, body] of cases) {
      test(name, async () => {
        const post = await request(app.getHttpServer()).post('/api/notes').set(json).send(body);
        expectProblem(post, 400);
        const patch = await request(app.getHttpServer())
          .patch(`/api/notes/${id}`)
          .set(json)
          .send(body);
        expectProblem(patch, 400);
      });
    }
    test('not UTF-8', async () => {
      const body = Buffer.from([...Buffer.from('{"title":"'), 0xff, ...Buffer.from('"}')]);
      const url = `${await app.getUrl()}/api/notes`;
      const answer = await fetch(url, { method: 'POST', headers: json, body });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
    });
  });

  describe('415: a body of another type', () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
      test(type, async () => {
        const headers = { 'content-type': type };
        const body = '{"title":"x"}';
        expectProblem(
          await request(app.getHttpServer()).post('/api/notes').set(headers).send(body),
          415,
        );
        const path = `/api/notes/${id}`;
        expectProblem(await request(app.getHttpServer()).patch(path).set(headers).send(body), 415);
      });
    }
    test('none, and no body', async () => {
      expectProblem(await request(app.getHttpServer()).post('/api/notes'), 415);
    });
    test('compressed', async () => {
      const headers = { ...json, 'content-encoding': 'gzip' };
      const body = Buffer.from([0x1f, 0x8b, 0x08]);
      expectProblem(
        await request(app.getHttpServer()).post('/api/notes').set(headers).send(body),
        415,
      );
    });
    test('but not for an encoding that is none', async () => {
      const headers = { ...json, 'content-encoding': 'identity' };
      const answer = await request(app.getHttpServer()).post('/api/notes').set(headers).send('{}');
      expectProblem(answer, 422, ['title']);
    });
    test('before what is in it', async () => {
      const headers = { 'content-type': 'text/plain' };
      const answer = await request(app.getHttpServer()).post('/api/notes').set(headers).send('{');
      expectProblem(answer, 415);
    });
    test('but not for parameters and capitals', async () => {
      const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
      const body = '{"title":""}';
      const answer = await request(app.getHttpServer()).post('/api/notes').set(headers).send(body);
      expectProblem(answer, 422, ['title']);
    });
  });

  describe('413: a body over 1 MiB', () => {
    const body = JSON.stringify({ title: 'x', body: 'x'.repeat(1024 * 1024) });
    test('on POST', async () => {
      expectProblem(
        await request(app.getHttpServer()).post('/api/notes').set(json).send(body),
        413,
      );
    });
    test('on PATCH', async () => {
      const path = `/api/notes/${id}`;
      expectProblem(await request(app.getHttpServer()).patch(path).set(json).send(body), 413);
    });
    test('but not for one of exactly that size', async () => {
      const full = '{"title":""}'.padEnd(1024 * 1024);
      const answer = await request(app.getHttpServer()).post('/api/notes').set(json).send(full);
      expectProblem(answer, 422, ['title']);
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
        expectProblem(await request(app.getHttpServer()).get(path), 404);
      });
    }
    for (const type of ['text/plain', 'application/json']) {
      test(`whatever the ${type} is`, async () => {
        const headers = { 'content-type': type };
        expectProblem(
          await request(app.getHttpServer()).post('/nothing').set(headers).send('{'),
          404,
        );
      });
    }
  });

  describe('405: a known path with another method', () => {
    const cases: [method: Method, path: string, allow: string[]][] = [
      ['put', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['delete', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['patch', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['options', '/api/notes', ['GET', 'HEAD', 'POST']],
      ['post', '/api/notes/1', ['DELETE', 'GET', 'HEAD', 'PATCH']],
      ['put', '/api/notes/1', ['DELETE', 'GET', 'HEAD', 'PATCH']],
      ['put', '/api/notes/abc', ['DELETE', 'GET', 'HEAD', 'PATCH']],
      ['post', '/healthz', ['GET', 'HEAD']],
      ['delete', '/readyz', ['GET', 'HEAD']],
      ['post', '/openapi.json', ['GET', 'HEAD']],
      ['post', '/docs', ['GET', 'HEAD']],
      ['post', '/', ['GET', 'HEAD']],
    ];
    for (const [method, path, allow] of cases) {
      test(`${method} ${path}`, async () => {
        const answer = await request(app.getHttpServer())[method](path);
        expectProblem(answer, 405);
        const allowed = answer.headers['allow']?.split(', ');
        expect(allowed?.toSorted()).toEqual(allow);
      });
    }
    for (const type of ['text/plain', 'application/json']) {
      test(`whatever the ${type} is`, async () => {
        const headers = { 'content-type': type };
        expectProblem(
          await request(app.getHttpServer()).put('/api/notes').set(headers).send('{'),
          405,
        );
      });
    }
  });

  test('a path that cannot be decoded is refused like any other', async () => {
    const answer = await request(app.getHttpServer()).get('/api/notes/%zz');
    expectProblem(answer, 422, ['id']);
    expectProblem(await request(app.getHttpServer()).get('/%zz?limit=1'), 404);
    expect(answer.headers['x-request-id']).toBeDefined();
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test('nothing of what is refused has left a trace', async () => {
    const { items } = (await request(app.getHttpServer()).get('/api/notes')).body;
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ id, title: 'A note', body: '' });
  });
});
