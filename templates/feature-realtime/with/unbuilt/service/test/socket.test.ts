import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text as read } from 'node:stream/consumers';
import { after, before, describe, test, type TestContext } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { createDatabase, type TestDatabase } from './database.ts';
import { openSocket, until } from './live.ts';
import { startProcess } from './process.ts';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const front = 'https://front.example';

/** An older Node.js reads no body behind any offer. */
const isOld = !('shouldUpgradeCallback' in createServer());

describe('the WebSocket', () => {
  let database: TestDatabase;
  let service: Awaited<ReturnType<typeof startProcess>>;

  before(async () => {
    database = await createDatabase();
    service = await startProcess({ DATABASE_URL: database.url, CORS_ORIGINS: front });
  });
  after(async () => {
    assert.equal(await service.stop(), 0);
    assert.equal(service.stderr(), '');
    await database.drop();
  });

  const open = async (t: TestContext, options?: ClientOptions) => {
    const client = await openSocket(service.url, options);
    t.after(() => client.socket.terminate());
    return client;
  };
  const create = async (title: string) => {
    const answer = await fetch(`${service.url}/api/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title }),
    });
    assert.equal(answer.status, 201);
    return answer.text();
  };
  /** The answer to a handshake that is refused. */
  const refused = async (path: string, options: ClientOptions = {}) => {
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}${path}`, options);
    return new Promise<IncomingMessage>((resolve, reject) => {
      socket.on('unexpected-response', (_request, response) => {
        resolve(response);
        socket.terminate();
      });
      socket.on('open', () => reject(new Error('not refused')));
      socket.on('error', reject);
    });
  };

  test('welcomes each client with an id of its own', async (t) => {
    const one = await open(t);
    const two = await open(t);
    assert.deepEqual(Object.keys(one.welcome), ['type', 'client', 'lastEventId']);
    assert.equal(one.welcome['type'], 'welcome');
    assert.match(one.id, /^[\w-]{36}$/);
    assert.notEqual(one.id, two.id);
    assert.deepEqual(await one.ask({ type: 'ping' }), { type: 'pong' });
  });

  test('tells changes to whoever has subscribed, from where they left off', async (t) => {
    const client = await open(t);
    const other = await open(t);
    const { lastEventId: start, ...rest } = await client.ask({ type: 'subscribe' });
    assert.deepEqual(rest, { type: 'subscribed' });
    const note = await create('Told');
    const change = await client.text();
    const { id } = JSON.parse(change);
    assert.ok(id > start);
    assert.equal(change, `{"type":"change","id":${id},"change":"created","note":${note}}`);
    assert.deepEqual(await client.ask({ type: 'unsubscribe' }), { type: 'unsubscribed' });
    await create('Not told');

    const subscribed = { type: 'subscribed', lastEventId: start };
    assert.deepEqual(await other.ask({ type: 'subscribe', lastEventId: start }), subscribed);
    assert.equal(await other.text(), change);
    assert.equal((await other.next())['note'].title, 'Not told');
    const reset = { type: 'reset', lastEventId: id + 1 };
    assert.deepEqual(await other.ask({ type: 'subscribe', lastEventId: id + 2 }), reset);
    // Whatever had come in between would be here first.
    assert.deepEqual(await client.ask({ type: 'ping' }), { type: 'pong' });
  });

  test('hands on what is said in a room to those who are in it', async (t) => {
    const [one, two, outside] = [await open(t), await open(t), await open(t)];
    for (const client of [one, two]) {
      const joined = { type: 'joined', room: 'lobby' };
      assert.deepEqual(await client.ask({ type: 'join', room: 'lobby' }), joined);
    }
    await outside.ask({ type: 'join', room: 'elsewhere' });
    const text = 'Grüße, 🎉, <b>, \u2028';
    const { at, ...message } = await one.ask({ type: 'chat', room: 'lobby', text });
    assert.deepEqual(message, { type: 'chat', room: 'lobby', from: one.id, text });
    assert.match(at, time);
    assert.deepEqual(await two.next(), { ...message, at });

    const intrusion = { type: 'chat', room: 'lobby', text: 'from outside' };
    assert.equal((await outside.ask(intrusion))['type'], 'error');
    assert.deepEqual(await two.ask({ type: 'leave', room: 'lobby' }), {
      type: 'left',
      room: 'lobby',
    });
    await one.ask({ type: 'chat', room: 'lobby', text: 'alone' });
    for (const client of [one, two, outside]) {
      assert.deepEqual(await client.ask({ type: 'ping' }), { type: 'pong' });
    }
  });

  test('hands a notification to one client alone', async (t) => {
    const [one, two, other] = [await open(t), await open(t), await open(t)];
    one.say({ type: 'notify', to: two.id, text: 'Lunch?' });
    const { at, ...message } = await two.next();
    assert.deepEqual(message, { type: 'notification', from: one.id, text: 'Lunch?' });
    assert.match(at, time);
    await two.close();
    one.say({ type: 'notify', to: two.id, text: 'Still there?' });
    for (const client of [one, other]) {
      assert.deepEqual(await client.ask({ type: 'ping' }), { type: 'pong' });
    }
  });

  test('answers what it does not understand, and goes on', async (t) => {
    const client = await open(t);
    const long = 'x'.repeat(1_001);
    for (const message of [
      '',
      '{',
      '[]',
      'null',
      '"ping"',
      '{}',
      '{"type":1}',
      '{"type":"__proto__"}',
      '{"type":"welcome"}',
      '{"type":"join"}',
      '{"type":"join","room":""}',
      `{"type":"join","room":"${long}"}`,
      '{"type":"chat","room":"nowhere","text":"x"}',
      '{"type":"notify","to":7,"text":"x"}',
      `{"type":"notify","to":"x","text":"${long}"}`,
      '{"type":"notify","to":"x","text":"\\ud800"}',
      '{"type":"subscribe","lastEventId":-1}',
      '{"type":"subscribe","lastEventId":"1"}',
    ]) {
      const { type, detail } = await client.ask(message);
      assert.equal(type, 'error', message);
      assert.ok(typeof detail === 'string' && detail !== '', message);
    }
    assert.deepEqual(await client.ask({ type: 'ping' }), { type: 'pong' });
  });

  test('takes as much as its limits say', async (t) => {
    const client = await open(t);
    const room = '🎉'.repeat(64);
    const text = '語'.repeat(1_000);
    await client.ask({ type: 'join', room });
    assert.equal((await client.ask({ type: 'chat', room, text }))['text'], text);
    for (let i = 1; i < 20; i++) await client.ask({ type: 'join', room: `Room ${i}` });
    assert.equal((await client.ask({ type: 'join', room: 'One more' }))['type'], 'error');
    await client.ask({ type: 'leave', room });
    assert.equal((await client.ask({ type: 'join', room: 'One more' }))['type'], 'joined');

    const ping = '{"type":"ping"}';
    assert.deepEqual(await client.ask(ping.padEnd(16 * 1024)), { type: 'pong' });
    client.socket.send(ping.padEnd(16 * 1024 + 1));
    assert.equal((await client.closed).code, 1009);
    const binary = await open(t);
    binary.socket.send(Buffer.from(ping));
    assert.equal((await binary.closed).code, 1003);
  });

  test('cuts off a client that gives no sign of life', async (t) => {
    const settings = { DATABASE_URL: database.url, HEARTBEAT_SECONDS: '3' };
    const { url, stop } = await startProcess(settings);
    t.after(() => stop());
    const alive = await openSocket(url);
    const dead = await openSocket(url, { autoPong: false });
    assert.equal((await dead.closed).code, 1006);
    assert.deepEqual(await alive.ask({ type: 'ping' }), { type: 'pong' });
    await alive.close();
  });

  test('is open to pages of its own origin and of CORS_ORIGINS', async (t) => {
    for (const origin of [front, service.url]) await open(t, { origin });
    for (const origin of ['https://evil.example', 'null', `${front}.evil.example`]) {
      const { statusCode, headers } = await refused('/ws', { origin });
      assert.equal(statusCode, 403, origin);
      assert.match(headers['content-type'] ?? '', /^application\/problem\+json\b/);
    }
  });

  test('is at /ws alone, and only a WebSocket', async () => {
    for (const path of ['/', '/ws/', '/ws/x', '/nothing']) {
      await refused(path);
    }
    assert.equal((await refused('/nothing')).statusCode, 404);
    const answer = await fetch(`${service.url}/ws`);
    assert.equal(answer.status, 426);
    assert.equal(answer.headers.get('upgrade'), 'websocket');
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
  });

  test('is refused to a handshake that is not valid, and the log says so', async () => {
    const { statusCode, headers } = await refused('/ws', {
      headers: { 'Sec-WebSocket-Protocol': 'a,,b' },
    });
    assert.equal(statusCode, 400);
    assert.match(headers['content-type'] ?? '', /^application\/problem\+json\b/);
    const line = () => service.log().find(({ requestId }) => requestId === headers['x-request-id']);
    await until(() => line() !== undefined);
    assert.equal(line()?.['status'], 400);
  });

  test('leaves the body of a request that offers another protocol', { skip: isOld }, async () => {
    for (const protocol of ['h2c', 'websocket']) {
      const socket = connect(service.port, '127.0.0.1');
      const body = JSON.stringify({ title: protocol });
      socket.write(
        [
          'POST /api/notes HTTP/1.1',
          'Host: x',
          'Connection: Upgrade, close',
          `Upgrade: ${protocol}`,
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n'),
      );
      assert.match(await read(socket), /^HTTP\/1\.1 201 /, protocol);
    }
  });

  test('is no way to end the process by a handshake that comes before an answer', async () => {
    const socket = connect(service.port, '127.0.0.1');
    socket.on('error', () => {});
    const handshake = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket';
    socket.write(`GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n${handshake}\r\n\r\n`);
    await once(socket.resume(), 'close');
    assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
  });
});
