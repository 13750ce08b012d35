import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { createDatabase, type TestDatabase } from './database.ts';
import { openStream, until } from './live.ts';
import { startProcess } from './process.ts';

describe('the stream of changes', () => {
  let database: TestDatabase;
  let service: Awaited<ReturnType<typeof startProcess>>;

  before(async () => {
    database = await createDatabase();
    service = await startProcess({ DATABASE_URL: database.url, HEARTBEAT_SECONDS: '1' });
  });
  after(async () => {
    assert.equal(await service.stop(), 0);
    assert.equal(service.stderr(), '');
    await database.drop();
  });

  const open = async (t: TestContext, lastEventId?: number) => {
    const stream = await openStream(service.url, lastEventId);
    t.after(() => stream.leave());
    return stream;
  };
  const send = (method: string, path: string, body?: object) =>
    fetch(service.url + path, {
      method,
      ...(body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  const create = async (title: string) => {
    const answer = await send('POST', '/api/notes', { title });
    assert.equal(answer.status, 201);
    const note: any = await answer.json();
    return Number(note.id);
  };

  test('tells each change with the note as it is read', async (t) => {
    const stream = await open(t);
    const { headers } = stream.response;
    assert.match(headers.get('content-type') ?? '', /^text\/event-stream\b/);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-accel-buffering'), 'no');
    const ready = await stream.next();
    assert.deepEqual(ready, { id: ready.id, event: 'ready', data: `{"id":${ready.id}}` });

    let last = ready.id;
    const isNext = async (change: string, note: string) => {
      const event = await stream.next();
      assert.ok(event.id > last);
      last = event.id;
      const data = `{"id":${event.id},"change":"${change}","note":${note}}`;
      assert.deepEqual(event, { id: event.id, event: change, data });
    };
    const title = 'Grüße, 東京, 🎉, \u2028, \u0001, \r\n\t"\\ \'';
    const id = await create(title);
    const path = `/api/notes/${id}`;
    await isNext('created', await (await send('GET', path)).text());
    await send('PATCH', path, {});
    await send('PATCH', path, { body: 'data: x\n\nevent: y\n\n' });
    const changed = await (await send('GET', path)).text();
    await isNext('updated', changed);
    assert.equal((await send('DELETE', path)).status, 204);
    await isNext('deleted', changed);
  });

  test('tells what others change in the database', async (t) => {
    const id = await create('Copied');
    const stream = await open(t);
    await stream.next();
    const columns = 'title, body, created_at, updated_at';
    await database.execute(
      `INSERT INTO notes (${columns}) SELECT ${columns} FROM notes WHERE id = ${id}`,
    );
    const { event, data } = await stream.next();
    assert.equal(event, 'created');
    const { note } = JSON.parse(data);
    assert.deepEqual(await (await send('GET', `/api/notes/${note.id}`)).json(), note);
  });

  test('loses nothing and repeats nothing, whatever happens at once', async (t) => {
    const early = await open(t);
    const { id: start } = await early.next();
    const titles = Array.from({ length: 60 }, (_, i) => `At once ${i}`);
    const creating = Promise.all(titles.map(create));
    const late = await open(t, start);
    await late.next();
    await creating;
    const read = async (stream: typeof early) => {
      const events = [];
      while (events.length < titles.length) events.push(await stream.next());
      return events;
    };
    const events = await read(early);
    assert.deepEqual(await read(late), events);
    const ids = events.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].toSorted((a, b) => a - b),
    );
    const told: string[] = events.map(({ data }) => JSON.parse(data).note.title);
    assert.deepEqual(told.toSorted(), titles.toSorted());
  });

  test('goes on after the event that the client has seen last', async (t) => {
    const stream = await open(t);
    await stream.next();
    await create('Seen');
    const seen = await stream.next();
    stream.leave();
    await create('Missed');
    const again = await open(t, seen.id);
    assert.deepEqual(await again.next(), {
      id: seen.id,
      event: 'ready',
      data: `{"id":${seen.id}}`,
    });
    assert.equal(JSON.parse((await again.next()).data).note.title, 'Missed');
  });

  test('says so when it cannot go on', async (t) => {
    await create('Forgotten');
    await create('Kept');
    const { id: last } = await (await open(t)).next();
    const reset = { id: last, event: 'reset', data: `{"id":${last}}` };
    assert.deepEqual(await (await open(t, last + 1)).next(), reset);

    await database.execute(`DELETE FROM note_events WHERE id < ${last}`);
    assert.deepEqual(await (await open(t, last - 2)).next(), reset);
    const stream = await open(t, last - 1);
    assert.equal((await stream.next()).event, 'ready');
    assert.equal((await stream.next()).id, last);
  });

  test('gives signs of life', async (t) => {
    const stream = await open(t);
    assert.equal(await stream.comment(), ': ping');
    assert.equal(await stream.comment(), ': ping');
  });

  test('refuses what is no id of an event, and unknown parameters', async () => {
    for (const id of ['x', '-1', '1.5', '1e3', '9007199254740992']) {
      const { response } = await openStream(service.url, id);
      assert.equal(response.status, 422, id);
      assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
      const { errors }: any = await response.json();
      assert.equal(errors.length, 1);
      assert.equal(errors[0].field, 'Last-Event-ID');
    }
    assert.equal((await send('GET', '/api/notes/events?limit=1')).status, 422);
    for (const method of ['POST', 'PATCH', 'DELETE']) {
      const { status } = await send(method, '/api/notes/events', { title: 'x' });
      assert.ok(status === 405 || status === 422, `${method}: ${status}`);
    }
    const head = await send('HEAD', '/api/notes/events');
    assert.ok(head.status === 200 || head.status === 405, String(head.status));
  });

  test('is one line in the log when it has ended', async () => {
    const stream = await openStream(service.url);
    const id = stream.response.headers.get('x-request-id');
    await stream.next();
    const lines = () => service.log().filter(({ requestId }) => requestId === id);
    assert.deepEqual(lines(), []);
    stream.leave();
    await stream.ended;
    await until(() => lines().length > 0);
    assert.deepEqual(
      lines().map(({ path, status }) => ({ path, status })),
      [{ path: '/api/notes/events', status: 200 }],
    );
  });
});
