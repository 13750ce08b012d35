import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { setTimeout } from 'node:timers/promises';
import { createAwayDatabase, createDatabase, type TestDatabase } from './database.js';
import { startProcess } from './process.js';
import { runScript } from './scripts.js';

const json = { 'content-type': 'application/json' };

describe('the process', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const start = async (env: NodeJS.ProcessEnv = {}) => {
    const service = await startProcess({ DATABASE_URL: database.url, ...env });
    onTestFinished(async () => {
      await service.stop();
    });
    return service;
  };

  test('logs one line of JSON for each request, and nothing that is private', async () => {
    const service = await start();
    const headers = { ...json, 'x-request-id': 'my-id', authorization: 'Bearer secret-token' };
    const body = JSON.stringify({ title: 'secret title' });
    await fetch(`${service.url}/api/notes`, { method: 'POST', headers, body });
    await fetch(`${service.url}/api/notes?limit=1&secret=query`, { headers });
    await fetch(`${service.url}/readyz`);
    expect(await service.stop()).toBe(0);

    expect(service.stderr()).toBe('');
    expect(service.stdout()).not.toMatch(/secret/);
    for (const line of service.log()) {
      expect(typeof line['msg']).toBe('string');
      expect(String(line['level'])).toMatch(/^(debug|info|warn|error)$/);
      expect(String(line['time'])).toMatch(/^\d{4}-\d\d-\d\dT.+Z$/);
      expect(Math.abs(Date.parse(String(line['time'])) - Date.now())).toBeLessThan(60_000);
    }
    // Two connections: the line of the first request may come after that of the second.
    const requests = service
      .log()
      .filter((line) => 'status' in line)
      .toSorted((a, b) => Number(a['status']) - Number(b['status']));
    expect(
      requests.map(({ level, requestId, method, path, status }) => ({
        level,
        requestId,
        method,
        path,
        status,
      })),
    ).toEqual([
      { level: 'info', requestId: 'my-id', method: 'POST', path: '/api/notes', status: 201 },
      { level: 'info', requestId: 'my-id', method: 'GET', path: '/api/notes', status: 422 },
    ]);
    for (const { ms } of requests) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(10_000);
    }
  });

  test('logs as much as LOG_LEVEL says', async () => {
    const verbose = await start({ LOG_LEVEL: 'debug' });
    await fetch(`${verbose.url}/healthz`);
    await verbose.stop();
    const lines = verbose.log().filter(({ path }) => path === '/healthz');
    expect(lines.length).toBeGreaterThan(0);
    for (const { level } of lines) expect(level).toBe('debug');

    const quiet = await start({ LOG_LEVEL: 'error' });
    await fetch(`${quiet.url}/api/notes`);
    await quiet.stop();
    expect(quiet.stdout()).toBe('');
    expect(quiet.stderr()).toBe('');
  });

  test('logs a fault of its own, and says nothing about it in the answer', async () => {
    const service = await start();
    await database.execute('ALTER TABLE notes RENAME TO hidden');
    const headers = { 'x-request-id': 'faulty' };
    const answer = await fetch(`${service.url}/api/notes`, { headers });
    await database.execute('ALTER TABLE hidden RENAME TO notes');
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
    expect(answer.headers.get('x-request-id')).toBe('faulty');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const body = await answer.text();
    expect(JSON.parse(body).status).toBe(500);
    expect(body).not.toMatch(/notes|select|table|\.ts|\bat /i);
    await service.stop();

    const faults = service.log().filter(({ level }) => level === 'error');
    expect(faults).toHaveLength(1);
    expect(faults[0]?.['requestId']).toBe('faulty');
    expect(JSON.stringify(faults[0]?.['err'])).toMatch(/notes/);
  });

  test('answers what never reaches a route, and ends on SIGINT', async () => {
    const service = await start();
    const send = (head: string) => {
      const socket = connect(service.port, '127.0.0.1');
      socket.end(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`);
      return text(socket);
    };
    const broken = await send('GET / HTTP/1.1\nHost: x\nno colon here');
    expect(broken).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(broken).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/);
    expect(broken).toMatch(/\r\nX-Request-Id: [\w-]{36}\r\n/);
    expect(JSON.parse(broken.split('\r\n\r\n')[1] ?? '').status).toBe(400);

    const pathless = await send('GET http:// HTTP/1.1\nHost: x\nConnection: close');
    expect(pathless).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(pathless).toMatch(/\r\ncontent-type: application\/problem\+json/i);

    const hostless = await send('GET /healthz HTTP/1.1\nConnection: close');
    expect(hostless).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(hostless).toMatch(/\r\ncontent-type: application\/problem\+json/i);

    const expecting = 'GET /healthz HTTP/1.1\nHost: x\nExpect: 200-ok\nConnection: close';
    expect(await send(expecting)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);

    const chunked = request(`${service.url}/api/notes`, { method: 'POST', headers: json });
    chunked.on('error', () => {}); // the service may close before all is sent
    // Without an end: what is too large is refused before all of it is there.
    for (let i = 0; i < 20; i++) chunked.write(' '.repeat(64 * 1024));
    const [answer]: IncomingMessage[] = await once(chunked, 'response');
    expect(answer?.statusCode).toBe(413);
    expect(answer?.headers['content-type'] ?? '').toMatch(/^application\/problem\+json\b/);
    chunked.destroy();

    expect(await service.stop('SIGINT')).toBe(0);
    expect(service.stderr()).toBe('');
  });

  test('ends as it should when nobody reads its log any more', async () => {
    const service = await start();
    service.child.stdout.destroy();
    service.child.stderr.destroy();
    expect(await service.stop()).toBe(0);

    const busy = await start();
    busy.child.stdout.destroy();
    for (let i = 0; i < 3; i++) {
      expect((await fetch(`${busy.url}/api/notes`)).status).toBe(200);
    }
    expect(await busy.stop()).toBe(0);
  });

  test('is cut off when its log has a reader that does not read', async () => {
    const service = await start();
    service.child.stdout.pause();
    const path = `/${'x'.repeat(8_000)}`;
    for (let i = 0; i < 200; i++) await fetch(service.url + path);
    const begin = Date.now();
    const stopped = service.stop();
    await once(service.child, 'exit');
    service.child.stdout.resume();
    await stopped;
    expect(service.child.signalCode).toBe('SIGKILL');
    expect(Date.now() - begin, 'it did not end by itself').toBeLessThan(5_000);
  });

  test('finishes a request whose body is still arriving on SIGTERM, and keeps its data', async () => {
    const service = await start();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
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
    await expect(fetch(`${service.url}/healthz`), 'it still accepts requests').rejects.toThrow(
      'fetch failed',
    );
    sent.end(body.slice(5));
    const [answer]: IncomingMessage[] = await once(sent, 'response');
    expect(answer?.statusCode).toBe(201);
    const note: unknown = JSON.parse(await text(answer!));
    expect(await stopped).toBe(0);
    expect(Date.now() - begin, 'a connection that is kept open holds up the end').toBeLessThan(
      4_000,
    );
    expect(service.stderr()).toBe('');

    const again = await start();
    const kept = await fetch(`${again.url}${answer!.headers.location}`);
    expect(await kept.json()).toEqual(note);
  });

  test('is not prepared without its database, and one line says why', async () => {
    const away = await createAwayDatabase();
    onTestFinished(() => away.drop());
    for (const name of ['migrate', 'seed']) {
      await expect(runScript(name, { DATABASE_URL: away.url })).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^The database [^\n]+DATABASE_URL[^\n]*\n$/),
      });
    }
  });

  test('is prepared by migrate and seed, which do nothing when run again', async () => {
    await database.execute('DELETE FROM notes');
    const service = await start();
    const env = { DATABASE_URL: database.url };
    const list = async () => (await fetch(`${service.url}/api/notes`)).json();
    await runScript('migrate', env);
    expect(await list()).toEqual({ items: [], next: null });
    await runScript('seed', env);
    const seeded: any = await list();
    expect(seeded.items.length).toBe(3);
    await runScript('migrate', env);
    await runScript('seed', env);
    expect(await list()).toEqual(seeded);
  });
});
