import { once } from 'node:events';
import { createServer } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startApp } from './app.js';
import { createDatabase, type TestDatabase } from './database.js';
import { frameOf, openDeafSocket, openSocket, upgrade } from './live.js';
import { expectProblem } from './problem.js';

const partner = 'https://app.example.org';

/** An older Node.js reads no body behind any offer. */
const isOld = !('shouldUpgradeCallback' in createServer());

/** Whatever was said to `socket` so far, apart from the answer to a ping. */
async function heard(socket: Awaited<ReturnType<typeof openSocket>>): Promise<object[]> {
  socket.say({ type: 'ping' });
  const messages = [];
  for (;;) {
    const message = await socket.next();
    if (message.type === 'pong') return messages;
    messages.push(message);
  }
}

describe('the WebSocket', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let url: string;

  beforeAll(async () => {
    database = await createDatabase();
    app = await startApp({ DATABASE_URL: database.url, CORS_ORIGINS: partner });
    url = await app.getUrl();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const createNote = async (body = '') =>
    (await request(app.getHttpServer()).post('/api/notes').send({ title: 'x', body })).body;

  test('brings changes to those who have subscribed', async () => {
    const [socket, other] = [await openSocket(url), await openSocket(url)];
    const { lastEventId } = socket;
    expect(await socket.ask({ type: 'subscribe' })).toEqual({ type: 'subscribed', lastEventId });
    const note = await createNote();
    expect(await socket.next()).toEqual({
      type: 'change',
      id: lastEventId + 1,
      change: 'created',
      note,
    });
    expect(await socket.ask({ type: 'unsubscribe' })).toEqual({ type: 'unsubscribed' });
    const missed = await createNote();
    expect(await heard(socket)).toEqual([]);
    expect(await heard(other)).toEqual([]);

    const resume = { type: 'subscribe', lastEventId: lastEventId + 1 };
    expect(await socket.ask(resume)).toEqual({
      type: 'subscribed',
      lastEventId: lastEventId + 1,
    });
    expect(await socket.next()).toMatchObject({ id: lastEventId + 2, note: missed });
    const unknown = { type: 'subscribe', lastEventId: lastEventId + 3 };
    expect(await socket.ask(unknown)).toEqual({ type: 'reset', lastEventId: lastEventId + 2 });
  });

  test('carries what is said in a room to those who are in it', async () => {
    const [ann, ben, eve] = [await openSocket(url), await openSocket(url), await openSocket(url)];
    expect(await ann.ask({ type: 'join', room: 'lobby' })).toEqual({
      type: 'joined',
      room: 'lobby',
    });
    await ben.ask({ type: 'join', room: 'lobby' });
    await eve.ask({ type: 'join', room: 'elsewhere' });
    const said = await ann.ask({ type: 'chat', room: 'lobby', text: 'Grüße 漢字' });
    expect(said).toEqual({
      type: 'chat',
      room: 'lobby',
      from: ann.client,
      text: 'Grüße 漢字',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await ben.next()).toEqual(said);
    expect(await heard(eve)).toEqual([]);

    expect(await ben.ask({ type: 'leave', room: 'lobby' })).toEqual({
      type: 'left',
      room: 'lobby',
    });
    await ann.ask({ type: 'chat', room: 'lobby', text: 'Still there?' });
    expect(await heard(ben)).toEqual([]);
    expect(await ben.ask({ type: 'chat', room: 'lobby', text: 'No' })).toEqual({
      type: 'error',
      detail: 'Join the room before you speak in it',
    });
  });

  test('carries a notification to one client', async () => {
    const [ann, ben, eve] = [await openSocket(url), await openSocket(url), await openSocket(url)];
    ann.say({ type: 'notify', to: ben.client, text: 'Lunch?' });
    expect(await ben.next()).toEqual({
      type: 'notification',
      from: ann.client,
      text: 'Lunch?',
      at: expect.any(String),
    });
    ann.say({ type: 'notify', to: 'nobody', text: 'Lunch?' });
    for (const socket of [ann, ben, eve]) expect(await heard(socket)).toEqual([]);
  });

  test('answers what is wrong with an error, and stays open', async () => {
    const socket = await openSocket(url);
    for (const wrong of ['', 'x', '[]', 'null', '1', '{}', '{"type":1}', '{"type":"shout"}']) {
      socket.send(wrong);
      expect(await socket.next(), wrong).toMatchObject({ type: 'error' });
    }
    const errors: [message: object, detail: RegExp][] = [
      [{ type: 'ping', extra: 1 }, /^extra: Not a known field$/],
      [{ type: 'subscribe', lastEventId: -1 }, /^lastEventId: /],
      [{ type: 'subscribe', lastEventId: '1' }, /^lastEventId: /],
      [{ type: 'join' }, /^room: /],
      [{ type: 'join', room: '' }, /^room: Must have 1 to 64 characters$/],
      [{ type: 'join', room: 'x'.repeat(65) }, /^room: /],
      [{ type: 'chat', room: 'lobby', text: 'x'.repeat(1_001) }, /^text: /],
      [{ type: 'notify', to: 'x', text: 'a\0b' }, /^text: Must not contain NUL/],
    ];
    for (const [message, detail] of errors) {
      expect(await socket.ask(message)).toEqual({
        type: 'error',
        detail: expect.stringMatching(detail),
      });
    }
    expect(await socket.ask({ type: 'join', room: '😀'.repeat(64) })).toMatchObject({
      type: 'joined',
    });
  });

  test('lets a client be in 20 rooms', async () => {
    const socket = await openSocket(url);
    for (let i = 0; i < 20; i++) {
      expect(await socket.ask({ type: 'join', room: `${i}` })).toMatchObject({ type: 'joined' });
    }
    expect(await socket.ask({ type: 'join', room: '20' })).toMatchObject({ type: 'error' });
    expect(await socket.ask({ type: 'join', room: '7' })).toMatchObject({ type: 'joined' });
    await socket.ask({ type: 'leave', room: '7' });
    expect(await socket.ask({ type: 'join', room: '20' })).toMatchObject({ type: 'joined' });
  });

  test('closes on a message that is too long or binary', async () => {
    const long = await openSocket(url);
    const padded = JSON.stringify({ type: 'ping' }).padEnd(16 * 1024);
    long.send(padded);
    expect(await long.next()).toEqual({ type: 'pong' });
    long.send(`${padded} `);
    expect(await long.closed()).toMatchObject({ code: 1009 });
    const binary = await openSocket(url);
    binary.send(new Uint8Array([1, 2, 3]));
    expect(await binary.closed()).toEqual({ code: 1003, reason: 'text only' });
  });

  test('cuts off a client that gives no sign of life', async () => {
    const impatient = await startApp({ DATABASE_URL: database.url, HEARTBEAT_SECONDS: '1' });
    onTestFinished(() => impatient.close());
    const socket = await openDeafSocket(await impatient.getUrl());
    socket.resume();
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  test('lets go of a client that does not read', async () => {
    const socket = await openDeafSocket(url);
    socket.write(frameOf({ type: 'subscribe' }));
    await once(socket, 'readable');
    const { id } = await createNote();
    const size = 100_000;
    const count = 150;
    for (let i = 0; i < count; i++) {
      await request(app.getHttpServer())
        .patch(`/api/notes/${id}`)
        .send({ body: `${i}`.padEnd(size, 'x') });
    }
    let read = 0;
    socket.on('data', (chunk: Buffer) => (read += chunk.length));
    if (!socket.destroyed) await once(socket, 'close');
    expect(read).toBeLessThan(size * count);
  });

  test('lets in pages of its own origin and of those that are allowed', async () => {
    expect((await upgrade(`${url}/ws`)).status).toBe(101);
    for (const origin of [url, partner]) {
      expect((await upgrade(`${url}/ws`, { origin })).status, origin).toBe(101);
    }
    for (const origin of ['null', 'evil', 'https://evil.example', `${url}0`, `${partner}.evil`]) {
      const answer = await upgrade(`${url}/ws`, { origin });
      expect(answer.status, origin).toBe(403);
      expect(answer.type).toMatch(/^application\/problem\+json\b/);
      expect(JSON.parse(answer.body)).toMatchObject({ status: 403 });
    }
  });

  test.skipIf(isOld)('leaves the body of a request that offers another protocol', async () => {
    for (const protocol of ['h2c', 'websocket']) {
      const answer = await request(app.getHttpServer())
        .post('/api/notes')
        .set({ Connection: 'Upgrade', Upgrade: protocol })
        .send({ title: protocol });
      expect(answer.status).toBe(201);
      expect(answer.body.title).toBe(protocol);
    }
  });

  test('is at /ws alone, where nothing else is', async () => {
    expect((await upgrade(`${url}/elsewhere`)).status).toBe(404);
    const plain = await request(app.getHttpServer()).get('/ws');
    expectProblem(plain, 426);
    expect(plain.headers['upgrade']).toBe('websocket');
    expectProblem(await request(app.getHttpServer()).post('/ws'), 405);
  });
});

test('the page at /live comes with its script and its styles', async () => {
  const database = await createDatabase();
  const app = await startApp({ DATABASE_URL: database.url });
  const types = { '/live': 'text/html', '/live.js': 'text/javascript', '/live.css': 'text/css' };
  for (const [path, type] of Object.entries(types)) {
    const answer = await request(app.getHttpServer()).get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(`${type}; charset=utf-8`);
  }
  await app.close();
  await database.drop();
});
