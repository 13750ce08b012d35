import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from './database.ts';
import { openSocket, openStream, until } from './live.ts';
import { startProcess } from './process.ts';

test('two processes are one service', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const start = async () => {
    const service = await startProcess({ DATABASE_URL: database.url });
    t.after(() => service.stop());
    return service;
  };
  const [first, second] = await Promise.all([start(), start()]);
  const create = (title: string) =>
    fetch(`${first.url}/api/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title }),
    });
  const stream = await openStream(second.url);
  t.after(() => stream.leave());
  await stream.next();
  const [one, two] = [await openSocket(first.url), await openSocket(second.url)];
  t.after(() => one.socket.terminate());
  t.after(() => two.socket.terminate());

  // One that only looks once a second would take that long for each.
  const begin = Date.now();
  for (let i = 0; i < 6; i++) {
    await create(`Elsewhere ${i}`);
    assert.equal(JSON.parse((await stream.next()).data).note.title, `Elsewhere ${i}`);
  }
  assert.ok(Date.now() - begin < 4_000, 'nothing has woken the other process');

  for (const client of [one, two]) await client.ask({ type: 'join', room: 'lobby' });
  const message = await one.ask({ type: 'chat', room: 'lobby', text: 'Hello' });
  assert.deepEqual(await two.next(), message);
  two.say({ type: 'notify', to: one.id, text: 'Lunch?' });
  assert.equal((await one.next())['text'], 'Lunch?');

  // What is not understood is passed over.
  await database.execute("NOTIFY realtime, 'x'; NOTIFY realtime, '{}'");
  const speakers = await Promise.all(Array.from({ length: 6 }, () => openSocket(first.url)));
  for (const speaker of speakers) speaker.say({ type: 'notify', to: two.id, text: 'At once' });
  for (const _ of speakers) assert.equal((await two.next())['text'], 'At once');
  for (const speaker of speakers) await speaker.close();

  // Connections that are lost come again, and nothing is lost with them.
  await database.execute(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
  `);
  await until(async () => (await create('After a failure')).status === 201);
  assert.equal(JSON.parse((await stream.next()).data).note.title, 'After a failure');
  const chat = { type: 'chat', room: 'lobby', text: 'Again' };
  await until(async () => (await two.ask(chat))['type'] === 'chat');
  assert.equal(first.stderr() + second.stderr(), '');
});
