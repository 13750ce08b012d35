import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, minuteLater, type TestDatabase } from './database.js';
import { expectProblem } from './problem.js';
import { startApp } from './app.js';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

describe('notes', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;

  beforeAll(async () => {
    database = await createDatabase();
    app = await startApp({ DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const create = async (title: string, body?: string) => {
    const answer = await request(app.getHttpServer()).post('/api/notes').send({ title, body });
    expect(answer.status, answer.text).toBe(201);
    return answer.body;
  };
  const read = async (id: number) =>
    (await request(app.getHttpServer()).get(`/api/notes/${id}`)).body;

  test('a new note is answered with 201, its address and what was stored', async () => {
    const start = Date.now();
    const answer = await request(app.getHttpServer())
      .post('/api/notes')
      .send({ title: 'Milk', body: 'Two bottles' });
    expect(answer.status).toBe(201);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
    const { id, createdAt, updatedAt, ...rest } = answer.body;
    expect(rest).toEqual({ title: 'Milk', body: 'Two bottles' });
    expect(Number.isInteger(id) && id >= 1).toBe(true);
    expect(createdAt).toMatch(time);
    expect(updatedAt).toBe(createdAt);
    expect(Math.abs(Date.parse(createdAt) - start)).toBeLessThan(60_000);
    expect(answer.headers['location']).toBe(`/api/notes/${id}`);

    const stored = await request(app.getHttpServer()).get(`/api/notes/${id}`);
    expect(stored.status).toBe(200);
    expect(stored.body).toEqual(answer.body);
  });

  test('the body of a note is empty when it is not given', async () => {
    const note = await create('Only a title');
    expect(note.body).toBe('');
    expect((await read(note.id)).body).toBe('');
  });

  test('text comes back as it was sent', async () => {
    const text = 'Grüße, 東京, 🎉, \u202e, \u0001, \r\n\t"\\ \'; DROP TABLE notes; --';
    const note = await create(text, text);
    expect(await read(note.id)).toEqual({ ...note, title: text, body: text });
  });

  test('text may be as long as its limits', async () => {
    const title = 'é'.repeat(200);
    const body = '語'.repeat(100_000);
    const note = await create(title, body);
    expect(await read(note.id)).toEqual({ ...note, title, body });
  });

  test('the list goes through the notes in order of their ids, page by page', async () => {
    const start = (await create('Before')).id;
    const made = [];
    for (let i = 0; i < 5; i++) made.push(await create(`Page ${i}`));
    const pages = [];
    let next: number | null = start;
    while (next !== null) {
      const answer = await request(app.getHttpServer()).get(`/api/notes?limit=2&after=${next}`);
      expect(answer.status).toBe(200);
      const page = answer.body;
      expect(Object.keys(page)).toEqual(['items', 'next']);
      expect(page.items.length === 2 || page.next === null).toBe(true);
      expect([page.items.at(-1).id, null]).toContain(page.next);
      pages.push(...page.items);
      next = page.next;
    }
    expect(pages).toEqual(made);
    const path = `/api/notes?limit=100&after=${start}`;
    const all = (await request(app.getHttpServer()).get(path)).body;
    expect(all).toEqual({ items: made, next: null });
  });

  test('the last page has no next one, even when it is full', async () => {
    const notes = [await create('First of two'), await create('Second of two')];
    const answer = await request(app.getHttpServer()).get(
      `/api/notes?limit=2&after=${notes[0].id - 1}`,
    );
    expect(answer.body).toEqual({ items: notes, next: null });
  });

  test('a page after the end is empty', async () => {
    const answer = await request(app.getHttpServer()).get(
      `/api/notes?after=${Number.MAX_SAFE_INTEGER}`,
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ items: [], next: null });
  });

  test('a page holds 20 notes unless another number is asked for, up to 100', async () => {
    const { id } = await create('Before');
    for (let i = 0; i < 101; i++) await create(`Many ${i}`);
    const page = (await request(app.getHttpServer()).get(`/api/notes?after=${id}`)).body;
    expect(page.items).toHaveLength(20);
    expect(page.next).toBe(page.items[19].id);
    const large = (await request(app.getHttpServer()).get(`/api/notes?limit=100&after=${id}`)).body;
    expect(large.items).toHaveLength(100);
    expect(large.next).toBe(large.items[99].id);
    const small = (await request(app.getHttpServer()).get(`/api/notes?limit=1&after=${id}`)).body;
    expect(small.items).toEqual([page.items[0]]);
  });

  test('a change concerns only the fields that are given', async () => {
    const note = await create('Old title', 'Old body');
    const other = await create('Other');
    const answer = await request(app.getHttpServer())
      .patch(`/api/notes/${note.id}`)
      .send({ title: 'New title' });
    expect(answer.status).toBe(200);
    const changed = answer.body;
    expect(changed).toEqual({ ...note, title: 'New title', updatedAt: changed.updatedAt });
    expect(await read(note.id)).toEqual(changed);

    const second = await request(app.getHttpServer())
      .patch(`/api/notes/${note.id}`)
      .send({ body: '' });
    expect(second.body).toEqual({
      ...changed,
      body: '',
      updatedAt: second.body.updatedAt,
    });
    expect(await read(note.id)).toEqual(second.body);
    expect(await read(other.id)).toEqual(other);
  });

  test('the time of a change moves with each change, even when the clock is behind', async () => {
    const note = await create('Changing');
    await database.execute(`UPDATE notes SET updated_at = ${minuteLater('updated_at')}`);
    let previous = await read(note.id);
    expect(previous.updatedAt > note.updatedAt).toBe(true);
    for (let i = 0; i < 3; i++) {
      const json = { body: `Change ${i}` };
      const answer = await request(app.getHttpServer()).patch(`/api/notes/${note.id}`).send(json);
      const changed = answer.body;
      expect(changed.updatedAt).toMatch(time);
      expect(changed.updatedAt > previous.updatedAt).toBe(true);
      expect(changed.createdAt).toBe(note.createdAt);
      previous = changed;
    }
  });

  test('a change of nothing changes nothing', async () => {
    const note = await create('Staying', 'as it is');
    const answer = await request(app.getHttpServer()).patch(`/api/notes/${note.id}`).send({});
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(note);
    expect(await read(note.id)).toEqual(note);
  });

  test('a deleted note is gone, and only that one', async () => {
    const note = await create('Short-lived');
    const other = await create('Long-lived');
    const answer = await request(app.getHttpServer()).delete(`/api/notes/${note.id}`);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expect(await read(other.id)).toEqual(other);

    const path = `/api/notes/${note.id}`;
    expectProblem(await request(app.getHttpServer()).get(path), 404);
    expectProblem(await request(app.getHttpServer()).delete(path), 404);
    expectProblem(await request(app.getHttpServer()).patch(path).send({ title: 'Back' }), 404);
    expectProblem(await request(app.getHttpServer()).patch(path).send({}), 404);
  });

  test('the id of a deleted note is not given to another', async () => {
    const note = await create('Last');
    await request(app.getHttpServer()).delete(`/api/notes/${note.id}`);
    expect((await create('Next')).id > note.id).toBe(true);
  });

  test('of 200 notes that are created at once none is lost', async () => {
    const { id } = await create('Before all');
    const titles = Array.from({ length: 200 }, (_, i) => `Parallel ${i}`);
    const notes = await Promise.all(titles.map((title) => create(title)));
    expect(new Set(notes.map((note) => note.id)).size).toBe(200);
    const first = (await request(app.getHttpServer()).get(`/api/notes?limit=100&after=${id}`)).body;
    const path = `/api/notes?limit=100&after=${first.next}`;
    const second = (await request(app.getHttpServer()).get(path)).body;
    const found: string[] = [...first.items, ...second.items].map(({ title }) => title);
    expect(found.toSorted()).toEqual(titles.toSorted());
  });
});
