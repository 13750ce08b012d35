import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from './database.js';
import { openSocket, openStream, upgrade } from './live.js';
import { startProcess } from './process.js';

async function createNote(url: string) {
  const answer = await fetch(`${url}/api/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"title":"x"}',
  });
  return answer.json();
}

test('a client resumes after the service was killed and started again', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const start = async () => {
    const started = await startProcess({ DATABASE_URL: database.url });
    onTestFinished(async () => {
      await started.stop();
    });
    return started;
  };

  const killed = await start();
  const { next } = await openStream(killed.url);
  await next();
  const first = await createNote(killed.url);
  const seen = await next();
  expect(seen.data.note).toEqual(first);
  const missed = await createNote(killed.url);
  await killed.stop('SIGKILL');

  const { url } = await start();
  const resumed = await openStream(url, seen.id);
  expect(await resumed.next()).toMatchObject({ event: 'ready' });
  expect((await resumed.next()).data.note).toEqual(missed);
  const last = await createNote(url);
  expect((await resumed.next()).data.note).toEqual(last);
});

test('a handshake that is not valid is refused, and the log says so', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const service = await startProcess({ DATABASE_URL: database.url });
  const answer = await upgrade(`${service.url}/ws`, { 'Sec-WebSocket-Protocol': 'a,,b' });
  expect(answer.status).toBe(400);
  expect(answer.type).toMatch(/^application\/problem\+json\b/);
  expect(await service.stop()).toBe(0);
  const line = service.log().find(({ msg, path }) => msg === 'request' && path === '/ws');
  expect(line).toMatchObject({ requestId: answer.requestId, status: 400 });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends streams and WebSockets at once`, async () => {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    const service = await startProcess({ DATABASE_URL: database.url });
    const { next, nextEvent } = await openStream(service.url);
    await next();
    const socket = await openSocket(service.url);
    await socket.ask({ type: 'subscribe' });

    const end = Promise.race([service.stop(signal), setTimeout(7_000, 'too late')]);
    expect(await socket.closed()).toEqual({ code: 1001, reason: 'shutting down' });
    expect(await nextEvent()).toBeUndefined();
    expect(await end).toBe(0);
    const paths = service.log().flatMap(({ msg, path }) => (msg === 'request' ? [path] : []));
    expect(paths).toContain('/api/notes/events');
    expect(paths).toContain('/ws');
  });
}
