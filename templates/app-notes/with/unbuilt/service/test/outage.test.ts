import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createAwayDatabase, createDatabase, type TestDatabase } from './database.ts';
import { assertProblem } from './problem.ts';
import { startProcess } from './process.ts';
import { startService } from './service.ts';

test('without its database the service lives but is not ready, until the database is back', async (t) => {
  const database = await createAwayDatabase();
  t.after(() => database.drop());
  const service = await startService({ DATABASE_URL: database.url });
  t.after(() => service.close());

  assert.equal((await service.request('GET', '/healthz')).status, 200);
  const readiness = await service.request('GET', '/readyz');
  assertProblem(readiness, 503);
  assert.deepEqual(readiness.json().checks, { database: 'failed' });
  const answers = [
    await service.request('GET', '/api/notes'),
    await service.request('GET', '/api/notes/1'),
    await service.request('POST', '/api/notes', { json: { title: 'x' } }),
    await service.request('PATCH', '/api/notes/1', { json: { title: 'x' } }),
    await service.request('DELETE', '/api/notes/1'),
  ];
  for (const answer of answers) {
    assertProblem(answer, 503);
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
  }

  await database.appear();
  assert.equal((await service.request('GET', '/readyz')).status, 200);
  const created = await service.request('POST', '/api/notes', { json: { title: 'x' } });
  assert.equal(created.status, 201);
});

describe('while the database is locked', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  test('a request waits, but not for ever', async (t) => {
    const service = await startService({ DATABASE_URL: database.url });
    t.after(() => service.close());
    const create = () => service.request('POST', '/api/notes', { json: { title: 'x' } });
    assert.equal((await create()).status, 201);

    const unlock = await database.lock();
    const start = Date.now();
    let waits = true;
    const refused = create().finally(() => {
      waits = false;
    });
    await setTimeout(50);
    assert.equal((await service.request('GET', '/healthz')).status, 200);
    assert.ok(waits, 'it keeps the whole process waiting, or does not wait at all');
    const answer = await refused;
    assertProblem(answer, 503);
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
    assert.ok(Date.now() - start < 10_000);

    const waiting = create();
    await setTimeout(200);
    await unlock();
    assert.equal((await waiting).status, 201);
  });

  test('SIGTERM lets a request that waits finish', async (t) => {
    const service = await startProcess({ DATABASE_URL: database.url });
    t.after(() => service.stop());
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
    assert.equal((await waiting).status, 201);
    assert.equal(await stopped, 0);
    assert.equal(service.stderr(), '');
  });
});
