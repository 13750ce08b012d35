import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createAwayDatabase, createDatabase, type TestDatabase } from './database.ts';
import { startProcess } from './process.ts';
import { runScript } from './scripts.ts';

const json = { 'content-type': 'application/json' };

describe('the process', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  const start = async (t: TestContext, env: NodeJS.ProcessEnv = {}) => {
    const service = await startProcess({ DATABASE_URL: database.url, ...env });
    t.after(() => service.stop());
    return service;
  };

  test('logs one line of JSON for each request, and nothing that is private', async (t) => {
    const service = await start(t);
    const headers = { ...json, 'x-request-id': 'my-id', authorization: 'Bearer secret-token' };
    const body = JSON.stringify({ title: 'secret title' });
    await fetch(`${service.url}/api/notes`, { method: 'POST', headers, body });
    await fetch(`${service.url}/api/notes?limit=1&secret=query`, { headers });
    await fetch(`${service.url}/readyz`);
    assert.equal(await service.stop(), 0);

    assert.equal(service.stderr(), '');
    assert.doesNotMatch(service.stdout(), /secret/);
    for (const line of service.log()) {
      assert.equal(typeof line['msg'], 'string');
      assert.match(String(line['level']), /^(debug|info|warn|error)$/);
      assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT.+Z$/);
      assert.ok(Math.abs(Date.parse(String(line['time'])) - Date.now()) < 60_000);
    }
    // Two connections: the line of the first request may come after that of the second.
    const requests = service
      .log()
      .filter((line) => 'status' in line)
      .toSorted((a, b) => Number(a['status']) - Number(b['status']));
    assert.deepEqual(
      requests.map(({ level, requestId, method, path, status }) => ({
        level,
        requestId,
        method,
        path,
        status,
      })),
      [
        { level: 'info', requestId: 'my-id', method: 'POST', path: '/api/notes', status: 201 },
        { level: 'info', requestId: 'my-id', method: 'GET', path: '/api/notes', status: 422 },
      ],
    );
    for (const { ms } of requests) assert.ok(typeof ms === 'number' && ms > 0 && ms < 10_000);
  });

  test('logs as much as LOG_LEVEL says', async (t) => {
    const verbose = await start(t, { LOG_LEVEL: 'debug' });
    await fetch(`${verbose.url}/healthz`);
    await verbose.stop();
    const lines = verbose.log().filter(({ path }) => path === '/healthz');
    assert.ok(lines.length > 0 && lines.every(({ level }) => level === 'debug'));

    const quiet = await start(t, { LOG_LEVEL: 'error' });
    await fetch(`${quiet.url}/api/notes`);
    await quiet.stop();
    assert.equal(quiet.stdout(), '');
    assert.equal(quiet.stderr(), '');
  });

  test('logs a fault of its own, and says nothing about it in the answer', async (t) => {
    const service = await start(t);
    await database.execute('ALTER TABLE notes RENAME TO hidden');
    const headers = { 'x-request-id': 'faulty' };
    const answer = await fetch(`${service.url}/api/notes`, { headers });
    await database.execute('ALTER TABLE hidden RENAME TO notes');
    assert.equal(answer.status, 500);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
    assert.equal(answer.headers.get('x-request-id'), 'faulty');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    const body = await answer.text();
    assert.equal(JSON.parse(body).status, 500);
    assert.doesNotMatch(body, /notes|select|table|\.ts|\bat /i);
    await service.stop();

    const faults = service.log().filter(({ level }) => level === 'error');
    assert.equal(faults.length, 1);
    assert.equal(faults[0]?.['requestId'], 'faulty');
    assert.match(JSON.stringify(faults[0]?.['err']), /notes/);
  });

  test('answers what never reaches a route, and ends on SIGINT', async (t) => {
    const service = await start(t);
    const send = (head: string) => {
      const socket = connect(service.port, '127.0.0.1');
      socket.end(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`);
      return text(socket);
    };
    const broken = await send('GET / HTTP/1.1\nHost: x\nno colon here');
    assert.match(broken, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(broken, /\r\nContent-Type: application\/problem\+json\r\n/);
    assert.match(broken, /\r\nX-Request-Id: [\w-]{36}\r\n/);
    assert.equal(JSON.parse(broken.split('\r\n\r\n')[1] ?? '').status, 400);

    const pathless = await send('GET http:// HTTP/1.1\nHost: x\nConnection: close');
    assert.match(pathless, /^HTTP\/1\.1 404 Not Found\r\n/);
    assert.match(pathless, /\r\ncontent-type: application\/problem\+json/i);

    const hostless = await send('GET /healthz HTTP/1.1\nConnection: close');
    assert.match(hostless, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(hostless, /\r\ncontent-type: application\/problem\+json/i);

    const expecting = 'GET /healthz HTTP/1.1\nHost: x\nExpect: 200-ok\nConnection: close';
    assert.match(await send(expecting), /^HTTP\/1\.1 200 OK\r\n/);

    const chunked = request(`${service.url}/api/notes`, { method: 'POST', headers: json });
    chunked.on('error', () => {}); // the service may close before all is sent
    // Without an end: what is too large is refused before all of it is there.
    for (let i = 0; i < 20; i++) chunked.write(' '.repeat(64 * 1024));
    const [answer]: IncomingMessage[] = await once(chunked, 'response');
    assert.equal(answer?.statusCode, 413);
    assert.match(answer?.headers['content-type'] ?? '', /^application\/problem\+json\b/);
    chunked.destroy();

    assert.equal(await service.stop('SIGINT'), 0);
    assert.equal(service.stderr(), '');
  });

  test('ends as it should when nobody reads its log any more', async (t) => {
    const service = await start(t);
    service.child.stdout.destroy();
    service.child.stderr.destroy();
    assert.equal(await service.stop(), 0);

    const busy = await start(t);
    busy.child.stdout.destroy();
    for (let i = 0; i < 3; i++) {
      assert.equal((await fetch(`${busy.url}/api/notes`)).status, 200);
    }
    assert.equal(await busy.stop(), 0);
  });

  test('is cut off when its log has a reader that does not read', async (t) => {
    const service = await start(t);
    service.child.stdout.pause();
    const path = `/${'x'.repeat(8_000)}`;
    for (let i = 0; i < 200; i++) await fetch(service.url + path);
    const begin = Date.now();
    const stopped = service.stop();
    await once(service.child, 'exit');
    service.child.stdout.resume();
    await stopped;
    assert.equal(service.child.signalCode, 'SIGKILL');
    assert.ok(Date.now() - begin < 5_000, 'it did not end by itself');
  });

  test('finishes a request whose body is still arriving on SIGTERM, and keeps its data', async (t) => {
    const service = await start(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const body = '{"title":"In flight"}';
    const sent = request(`${service.url}/api/notes`, {
      agent,
      method: 'POST',
      headers: { ...json, 'content-length': body.length },
    });
    sent.write(body.slice(0, 5));
    await setTimeout(200);

    const begin = Date.now();
    const stopped = service.stop();
    await setTimeout(200);
    await assert.rejects(fetch(`${service.url}/healthz`), 'it still accepts requests');
    sent.end(body.slice(5));
    const [answer]: IncomingMessage[] = await once(sent, 'response');
    assert.ok(answer);
    assert.equal(answer.statusCode, 201);
    const note: unknown = JSON.parse(await text(answer));
    assert.equal(await stopped, 0);
    assert.ok(Date.now() - begin < 4_000, 'a connection that is kept open holds up the end');
    assert.equal(service.stderr(), '');

    const again = await start(t);
    const kept = await fetch(`${again.url}${answer.headers.location}`);
    assert.deepEqual(await kept.json(), note);
  });

  test('is not prepared without its database, and one line says why', async (t) => {
    const away = await createAwayDatabase();
    t.after(() => away.drop());
    for (const name of ['migrate', 'seed']) {
      await assert.rejects(runScript(name, { DATABASE_URL: away.url }), ({ code, stderr }) => {
        assert.equal(code, 1);
        assert.match(stderr, /^The database [^\n]+DATABASE_URL[^\n]*\n$/);
        return true;
      });
    }
  });

  test('is prepared by migrate and seed, which do nothing when run again', async (t) => {
    await database.execute('DELETE FROM notes');
    const service = await start(t);
    const env = { DATABASE_URL: database.url };
    const list = async () => (await fetch(`${service.url}/api/notes`)).json();
    await runScript('migrate', env);
    assert.deepEqual(await list(), { items: [], next: null });
    await runScript('seed', env);
    const seeded: any = await list();
    assert.equal(seeded.items.length, 3);
    await runScript('migrate', env);
    await runScript('seed', env);
    assert.deepEqual(await list(), seeded);
  });
});
