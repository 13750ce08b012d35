import { once } from 'node:events';
import { get } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startApp } from './app.js';
import { createAwayDatabase, createDatabase, type TestDatabase } from './database.js';
import { openStream } from './live.js';
import { expectProblem } from './problem.js';

describe('the stream of events', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let url: string;

  beforeAll(async () => {
    database = await createDatabase();
    app = await startApp({ DATABASE_URL: database.url, HEARTBEAT_SECONDS: '1' });
    url = await app.getUrl();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const api = () => request(app.getHttpServer());
  const createNote = async (body = ''): Promise<number> =>
    (await api().post('/api/notes').send({ title: 'x', body })).body.id;

  test('brings each change with the note as GET answers it', async () => {
    const { nextEvent, response } = await openStream(url);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const [, first] = /^id: (\d+)\nevent: ready\ndata: /.exec((await nextEvent()) ?? '') ?? [];
    let id = Number(first);
    const frameOf = (change: string, note: string) => {
      id += 1;
      const data = `{"id":${id},"change":"${change}","note":${note}}`;
      return `id: ${id}\nevent: ${change}\ndata: ${data}`;
    };

    const title = 'Grüße 漢字 😀 "\\"';
    const created = await api().post('/api/notes').send({ title, body: 'a\r\nb\n\ndata: c\u2028' });
    const path = `/api/notes/${created.body.id}`;
    expect(await nextEvent()).toBe(frameOf('created', (await api().get(path)).text));

    await api().patch(path).send({ body: '' });
    const changed = (await api().get(path)).text;
    expect(await nextEvent()).toBe(frameOf('updated', changed));

    // What changes nothing is no change.
    await api().patch(path).send({});
    await api().delete(path);
    expect(await nextEvent()).toBe(frameOf('deleted', changed));
  });

  test('brings everyone all changes, each once and in order', async () => {
    const streams = await Promise.all(Array.from({ length: 5 }, () => openStream(url)));
    for (const { next } of streams) expect(await next()).toMatchObject({ event: 'ready' });
    const created = await Promise.all(Array.from({ length: 50 }, () => createNote()));
    for (const { next } of streams) {
      const events = [];
      while (events.length < 50) events.push(await next());
      const ids = events.map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      const notes: number[] = events.map(({ data }) => data.note.id);
      expect(new Set(notes)).toEqual(new Set(created));
    }
  });

  test('goes on after the event that a client has seen', async () => {
    const before = await openStream(url);
    await before.next();
    const first = await createNote();
    const { id } = await before.next();
    before.leave();
    const missed = [await createNote(), await createNote()];

    const { next } = await openStream(url, id);
    expect(await next()).toEqual({ id, event: 'ready', data: { id } });
    const notes = [(await next()).data.note.id, (await next()).data.note.id];
    expect(notes).toEqual(missed);
    const last = await createNote();
    expect((await next()).data.note.id).toBe(last);
    expect(missed).not.toContain(first);
  });

  test('says when it cannot know what followed', async () => {
    for (let i = 0; i < 3; i++) await createNote();
    const { next: following } = await openStream(url);
    const { id: newest } = await following();
    const { next } = await openStream(url, newest + 1);
    expect(await next()).toEqual({ id: newest, event: 'reset', data: { id: newest } });

    await database.execute(`DELETE FROM note_events WHERE id < ${newest}`);
    const kept = await openStream(url, newest - 1);
    expect(await kept.next()).toMatchObject({ id: newest - 1, event: 'ready' });
    const gone = await openStream(url, newest - 2);
    expect(await gone.next()).toMatchObject({ id: newest, event: 'reset' });
    const note = await createNote();
    expect((await gone.next()).data.note.id).toBe(note);
  });

  test('gives signs of life', async () => {
    const { nextFrame } = await openStream(url);
    await nextFrame();
    expect(await nextFrame()).toBe(': ping');
  });

  test('ends for HEAD', async () => {
    const answer = await api().head('/api/notes/events');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/event-stream');
  });

  for (const wrong of ['x', '-1', '1.5', '+1', '9007199254740992']) {
    test(`refuses ${wrong} as the event that was seen`, async () => {
      const answer = await api().get('/api/notes/events').set('Last-Event-ID', wrong);
      expectProblem(answer, 422, ['Last-Event-ID']);
    });
  }

  test('takes no query and no other method', async () => {
    expectProblem(await api().get('/api/notes/events?limit=1'), 422, ['limit']);
    expectProblem(await api().post('/api/notes/events').send({}), 405);
    expectProblem(await api().delete('/api/notes/events'), 422, ['id']);
  });

  test('lets go of a client that does not read', async () => {
    const asking = get(`${url}/api/notes/events`);
    const [response] = await once(asking, 'response');
    onTestFinished(() => {
      asking.destroy();
    });
    const note = await createNote();
    const size = 100_000;
    const count = 150;
    for (let i = 0; i < count; i++) {
      await api()
        .patch(`/api/notes/${note}`)
        .send({ body: `${i}`.padEnd(size, 'x') });
    }
    let read = 0;
    response.on('data', (chunk: Buffer) => (read += chunk.length));
    response.on('error', () => {});
    await new Promise((resolve) => response.once('close', resolve));
    expect(read).toBeLessThan(size * count);
  });
});

test('the stream is refused while the database is away, and comes when it is back', async () => {
  const database = await createAwayDatabase();
  onTestFinished(() => database.drop());
  const app = await startApp({ DATABASE_URL: database.url });
  onTestFinished(() => app.close());
  expectProblem(await request(app.getHttpServer()).get('/api/notes/events'), 503);
  await database.appear();
  const { next } = await openStream(await app.getUrl());
  expect(await next()).toEqual({ id: 0, event: 'ready', data: { id: 0 } });
});
