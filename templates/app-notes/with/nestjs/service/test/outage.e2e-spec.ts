import request from 'supertest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { setTimeout } from 'node:timers/promises';
import { createAwayDatabase, createDatabase, type TestDatabase } from './database.js';
import { expectProblem } from './problem.js';
import { startProcess } from './process.js';
import { startApp } from './app.js';

test('without its database the service lives but is not ready, until the database is back', async () => {
  const database = await createAwayDatabase();
  onTestFinished(() => database.drop());
  const app = await startApp({ DATABASE_URL: database.url });
  onTestFinished(() => app.close());

  expect((await request(app.getHttpServer()).get('/healthz')).status).toBe(200);
  const readiness = await request(app.getHttpServer()).get('/readyz');
  expectProblem(readiness, 503);
  expect(readiness.body.checks).toEqual({ database: 'failed' });
  const answers = [
    await request(app.getHttpServer()).get('/api/notes'),
    await request(app.getHttpServer()).get('/api/notes/1'),
    await request(app.getHttpServer()).post('/api/notes').send({ title: 'x' }),
    await request(app.getHttpServer()).patch('/api/notes/1').send({ title: 'x' }),
    await request(app.getHttpServer()).delete('/api/notes/1'),
  ];
  for (const answer of answers) {
    expectProblem(answer, 503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  }

  await database.appear();
  expect((await request(app.getHttpServer()).get('/readyz')).status).toBe(200);
  const created = await request(app.getHttpServer()).post('/api/notes').send({ title: 'x' });
  expect(created.status).toBe(201);
});

describe('while the database is locked', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  test('a request waits, but not for ever', async () => {
    const app = await startApp({ DATABASE_URL: database.url });
    onTestFinished(() => app.close());
    const create = () => request(app.getHttpServer()).post('/api/notes').send({ title: 'x' });
    expect((await create()).status).toBe(201);

    const unlock = await database.lock();
    const start = Date.now();
    let waits = true;
    const refused = create().then((late) => {
      waits = false;
      return late;
    });
    await setTimeout(50);
    expect((await request(app.getHttpServer()).get('/healthz')).status).toBe(200);
    expect(waits, 'it keeps the whole process waiting, or does not wait at all').toBe(true);
    const answer = await refused;
    expectProblem(answer, 503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(Date.now() - start).toBeLessThan(10_000);

    const waiting = create().then(({ status }) => status);
    await setTimeout(200);
    await unlock();
    expect(await waiting).toBe(201);
  });

  test('SIGTERM lets a request that waits finish', async () => {
    const service = await startProcess({ DATABASE_URL: database.url });
    onTestFinished(async () => {
      await service.stop();
    });
    await fetch(`${service.url}/readyz`);

    const unlock = await database.lock();
    const waiting = fetch(`${service.url}/api/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"title":"In flight"}',
    });
    await setTimeout(300);
    const stopped = service.stop();
    await setTimeout(300);
    await unlock();
    expect((await waiting).status).toBe(201);
    expect(await stopped).toBe(0);
    expect(service.stderr()).toBe('');
  });
});
