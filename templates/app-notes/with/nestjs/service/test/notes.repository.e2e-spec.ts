import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NotesRepository } from '../src/notes/notes.repository.js';
import { startApp } from './app.js';
import { createDatabase, type TestDatabase } from './database.js';

describe('NotesRepository', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let notes: NotesRepository;

  beforeAll(async () => {
    database = await createDatabase();
    app = await startApp({ DATABASE_URL: database.url });
    notes = app.get(NotesRepository);
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  test('gives back what it creates', async () => {
    const note = await notes.create({ title: 'Milk', body: 'Two bottles' });
    expect(note).toMatchObject({ title: 'Milk', body: 'Two bottles' });
    expect(note.updatedAt).toBe(note.createdAt);
    expect(await notes.get(note.id)).toEqual(note);
  });

  test('lists in order of the ids, above a given one and no more than asked for', async () => {
    const first = await notes.create({ title: 'First', body: '' });
    const second = await notes.create({ title: 'Second', body: '' });
    await notes.create({ title: 'Third', body: '' });
    expect(await notes.list({ limit: 2, after: first.id - 1 })).toEqual([first, second]);
  });

  test('changes what is given, at a later time', async () => {
    const note = await notes.create({ title: 'Old', body: 'Staying' });
    const changed = await notes.update(note.id, { title: 'New' });
    expect(changed).toMatchObject({ id: note.id, title: 'New', body: 'Staying' });
    expect(Date.parse(changed!.updatedAt)).toBeGreaterThan(Date.parse(note.updatedAt));
    expect(await notes.get(note.id)).toEqual(changed);
    expect(await notes.update(note.id, {})).toEqual(changed);
  });

  test('removes a note once, and then knows nothing of it', async () => {
    const { id } = await notes.create({ title: 'Short-lived', body: '' });
    expect(await notes.remove(id)).toBe(true);
    expect(await notes.remove(id)).toBe(false);
    expect(await notes.get(id)).toBeUndefined();
    expect(await notes.update(id, { title: 'Back' })).toBeUndefined();
  });
});
