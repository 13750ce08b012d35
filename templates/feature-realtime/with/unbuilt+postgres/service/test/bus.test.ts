import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { openBus } from '../src/realtime/bus.ts';
import { readSettings } from '../src/settings.ts';
import { createDatabase } from './database.ts';
import { until } from './live.ts';
import { freePort } from './process.ts';

test('a connection that has gone silent is replaced by the first message that it does not take', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
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
  t.after(() => proxy.close());
  await once(proxy, 'listening');

  const heard: string[] = [];
  const warnings: unknown[] = [];
  const bus = openBus(
    readSettings({ DATABASE_URL: url.href }),
    { warn: (...line: unknown[]) => warnings.push(line) },
    { changed: () => {}, spoken: ({ text }) => heard.push(text) },
  );
  t.after(() => bus.close());
  await bus.start();
  const say = (text: string) =>
    bus.publish({ type: 'chat', room: 'lobby', from: 'ann', text, at: '' });
  await say('Hello');
  await until(() => heard.length > 0);

  for (const target of targets) target.pause().unpipe();
  const answers = await Promise.allSettled(['Lost', 'As well', 'Too'].map(say));
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  await until(() =>
    say('Again').then(
      () => true,
      () => false,
    ),
  );
  await until(() => heard.includes('Again'));
  assert.equal(heard.includes('Lost'), false);
  assert.equal(warnings.length, 1);
});
