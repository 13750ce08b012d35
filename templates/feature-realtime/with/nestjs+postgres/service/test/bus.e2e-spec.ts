import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BusService } from '../src/realtime/bus.service.js';
import { createDatabase } from './database.js';
import { freePort } from './process.js';

test('a connection that has gone silent is replaced after a message that it does not take', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const url = new URL(database.url);
  const { port, hostname } = url;
  url.host = `127.0.0.1:${await freePort()}`;
  const targets: Socket[] = [];
  const proxy = createServer((socket) => {
    const target = connect(Number(port || 5432), hostname);
    targets.push(target);
    target.on('error', () => {}).on('close', () => socket.destroy());
    socket.on('error', () => {}).on('close', () => target.destroy());
    socket.pipe(target).pipe(socket);
  }).listen(Number(url.port), url.hostname);
  onTestFinished(() => {
    proxy.close();
  });
  await once(proxy, 'listening');

  const bus = new BusService({ DATABASE_URL: url.href });
  onTestFinished(() => bus.onApplicationShutdown());
  const heard: string[] = [];
  bus.spoken.subscribe(({ text }) => heard.push(text));
  bus.start();
  const say = (text: string) =>
    bus.publish({ type: 'chat', room: 'lobby', from: 'ann', text, at: '' });
  const hears = (text: string) =>
    vi.waitFor(
      async () => {
        await say(text);
        expect(heard).toContain(text);
      },
      { timeout: 20_000 },
    );
  await hears('Hello');

  for (const target of targets) target.pause().unpipe();
  const answers = await Promise.allSettled(['Lost', 'As well', 'Too'].map(say));
  for (const { status } of answers) expect(status).toBe('rejected');
  await hears('Again');
  expect(heard).not.toContain('Lost');
});
