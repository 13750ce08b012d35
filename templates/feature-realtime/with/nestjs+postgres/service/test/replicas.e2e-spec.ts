import { setTimeout } from 'node:timers/promises';
import request from 'supertest';
import { expect, onTestFinished, test } from 'vitest';
import { startApp } from './app.js';
import { createDatabase } from './database.js';
import { openSocket, openStream } from './live.js';

test('what happens in one process reaches the clients of another', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const start = async () => {
    const app = await startApp({ DATABASE_URL: database.url });
    onTestFinished(() => app.close());
    return app;
  };
  const [here, there] = [await start(), await start()];
  const createNote = async () =>
    (await request(here.getHttpServer()).post('/api/notes').send({ title: 'x' })).body;
  const ann = await openSocket(await here.getUrl());
  const ben = await openSocket(await there.getUrl());
  const { next } = await openStream(await there.getUrl());
  await next();
  const note = await createNote();
  expect((await next()).data.note).toEqual(note);

  await ann.ask({ type: 'join', room: 'lobby' });
  await ben.ask({ type: 'join', room: 'lobby' });
  const said = await ann.ask({ type: 'chat', room: 'lobby', text: '漢'.repeat(1_000) });
  expect(await ben.next()).toEqual(said);
  ben.say({ type: 'notify', to: ann.client, text: 'Lunch?' });
  expect(await ann.next()).toMatchObject({ type: 'notification', from: ben.client });

  // What listens is connected anew when the server cuts it off; nothing is missed meanwhile.
  await database.execute(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
  `);
  let created = await createNote();
  while (created.id === undefined) {
    await setTimeout(100);
    created = await createNote();
  }
  expect((await next()).data.note).toEqual(created);
  // Each hears what is said in the room as soon as its own process listens again.
  for (const client of [ann, ben]) {
    const chat = { type: 'chat', room: 'lobby', text: 'Anyone there?' };
    while ((await client.ask(chat)).type !== 'chat') await setTimeout(100);
  }
  ann.say({ type: 'notify', to: ben.client, text: 'Back again' });
  while ((await ben.next()).text !== 'Back again');
});
