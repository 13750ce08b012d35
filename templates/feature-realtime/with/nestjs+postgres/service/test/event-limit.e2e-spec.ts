import request from 'supertest';
import { expect, onTestFinished, test } from 'vitest';
import { NoteEventsRepository } from '../src/realtime/note-events.repository.js';
import { startApp } from './app.js';
import { createDatabase } from './database.js';

test('the newest 10,000 events are kept', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const app = await startApp({ DATABASE_URL: database.url });
  onTestFinished(() => app.close());
  const events = app.get(NoteEventsRepository, { strict: false });
  expect(await events.bounds()).toEqual({ first: 1, last: 0 });

  const createNote = () => request(app.getHttpServer()).post('/api/notes').send({ title: 'x' });
  await createNote();
  await createNote();
  await database.execute("SELECT setval(pg_get_serial_sequence('note_events', 'id'), 10000)");
  await createNote();
  expect(await events.bounds()).toEqual({ first: 2, last: 10_001 });
});
