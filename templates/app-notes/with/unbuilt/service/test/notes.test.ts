import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createDatabase, minuteLater, type TestDatabase } from './database.ts';
import { assertProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

describe('notes', () => {
  let database: TestDatabase;
  let service: Service;

  before(async () => {
    database = await createDatabase();
    service = await startService({ DATABASE_URL: database.url });
  });
  after(async () => {
    await service.close();
    await database.drop();
  });

  const create = async (title: string, body?: string) => {
    const answer = await service.request('POST', '/api/notes', { json: { title, body } });
    assert.equal(answer.status, 201, answer.text);
    return answer.json();
  };
  const read = async (id: number) => (await service.request('GET', `/api/notes/${id}`)).json();

  test('a new note is answered with 201, its address and what was stored', async () => {
    const start = Date.now();
    const answer = await service.request('POST', '/api/notes', {
      json: { title: 'Milk', body: 'Two bottles' },
    });
    assert.equal(answer.status, 201);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/);
    const { id, createdAt, updatedAt, ...rest } = answer.json();
    assert.deepEqual(rest, { title: 'Milk', body: 'Two bottles' });
    assert.ok(Number.isInteger(id) && id >= 1);
    assert.match(createdAt, time);
    assert.equal(updatedAt, createdAt);
    assert.ok(Math.abs(Date.parse(createdAt) - start) < 60_000);
    assert.equal(answer.headers.get('location'), `/api/notes/${id}`);

    const stored = await service.request('GET', `/api/notes/${id}`);
    assert.equal(stored.status, 200);
    assert.deepEqual(stored.json(), answer.json());
  });

  test('the body of a note is empty when it is not given', async () => {
    const note = await create('Only a title');
    assert.equal(note.body, '');
    assert.equal((await read(note.id)).body, '');
  });

  test('text comes back as it was sent', async () => {
    const text = 'Grüße, 東京, 🎉, \u202e, \u0001, \r\n\t"\\ \'; DROP TABLE notes; --';
    const note = await create(text, text);
    assert.deepEqual(await read(note.id), { ...note, title: text, body: text });
  });

  test('text may be as long as its limits', async () => {
    const title = 'é'.repeat(200);
    const body = '語'.repeat(100_000);
    const note = await create(title, body);
    assert.deepEqual(await read(note.id), { ...note, title, body });
  });

  test('the list goes through the notes in order of their ids, page by page', async () => {
    const start = (await create('Before')).id;
    const made = [];
    for (let i = 0; i < 5; i++) made.push(await create(`Page ${i}`));
    const pages = [];
    let next: number | null = start;
    while (next !== null) {
      const answer = await service.request('GET', `/api/notes?limit=2&after=${next}`);
      assert.equal(answer.status, 200);
      const page = answer.json();
      assert.deepEqual(Object.keys(page), ['items', 'next']);
      assert.ok(page.items.length === 2 || page.next === null);
      if (page.next !== null) assert.equal(page.next, page.items.at(-1).id);
      pages.push(...page.items);
      next = page.next;
    }
    assert.deepEqual(pages, made);
    const all = (await service.request('GET', `/api/notes?limit=100&after=${start}`)).json();
    assert.deepEqual(all, { items: made, next: null });
  });

  test('the last page has no next one, even when it is full', async () => {
    const notes = [await create('First of two'), await create('Second of two')];
    const answer = await service.request('GET', `/api/notes?limit=2&after=${notes[0].id - 1}`);
    assert.deepEqual(answer.json(), { items: notes, next: null });
  });

  test('a page after the end is empty', async () => {
    const answer = await service.request('GET', `/api/notes?after=${Number.MAX_SAFE_INTEGER}`);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { items: [], next: null });
  });

  test('a page holds 20 notes unless another number is asked for, up to 100', async () => {
    const { id } = await create('Before');
    for (let i = 0; i < 101; i++) await create(`Many ${i}`);
    const page = (await service.request('GET', `/api/notes?after=${id}`)).json();
    assert.equal(page.items.length, 20);
    assert.equal(page.next, page.items[19].id);
    const large = (await service.request('GET', `/api/notes?limit=100&after=${id}`)).json();
    assert.equal(large.items.length, 100);
    assert.equal(large.next, large.items[99].id);
    const small = (await service.request('GET', `/api/notes?limit=1&after=${id}`)).json();
    assert.deepEqual(small.items, [page.items[0]]);
  });

  test('a change concerns only the fields that are given', async () => {
    const note = await create('Old title', 'Old body');
    const other = await create('Other');
    const answer = await service.request('PATCH', `/api/notes/${note.id}`, {
      json: { title: 'New title' },
    });
    assert.equal(answer.status, 200);
    const changed = answer.json();
    assert.deepEqual(changed, { ...note, title: 'New title', updatedAt: changed.updatedAt });
    assert.deepEqual(await read(note.id), changed);

    const second = await service.request('PATCH', `/api/notes/${note.id}`, { json: { body: '' } });
    assert.deepEqual(second.json(), {
      ...changed,
      body: '',
      updatedAt: second.json().updatedAt,
    });
    assert.deepEqual(await read(note.id), second.json());
    assert.deepEqual(await read(other.id), other);
  });

  test('the time of a change moves with each change, even when the clock is behind', async () => {
    const note = await create('Changing');
    await database.execute(`UPDATE notes SET updated_at = ${minuteLater('updated_at')}`);
    let previous = await read(note.id);
    assert.ok(previous.updatedAt > note.updatedAt);
    for (let i = 0; i < 3; i++) {
      const json = { body: `Change ${i}` };
      const answer = await service.request('PATCH', `/api/notes/${note.id}`, { json });
      const changed = answer.json();
      assert.match(changed.updatedAt, time);
      assert.ok(changed.updatedAt > previous.updatedAt);
      assert.equal(changed.createdAt, note.createdAt);
      previous = changed;
    }
  });

  test('a change of nothing changes nothing', async () => {
    const note = await create('Staying', 'as it is');
    const answer = await service.request('PATCH', `/api/notes/${note.id}`, { json: {} });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), note);
    assert.deepEqual(await read(note.id), note);
  });

  test('a deleted note is gone, and only that one', async () => {
    const note = await create('Short-lived');
    const other = await create('Long-lived');
    const answer = await service.request('DELETE', `/api/notes/${note.id}`);
    assert.equal(answer.status, 204);
    assert.equal(answer.text, '');
    assert.deepEqual(await read(other.id), other);

    const path = `/api/notes/${note.id}`;
    assertProblem(await service.request('GET', path), 404);
    assertProblem(await service.request('DELETE', path), 404);
    assertProblem(await service.request('PATCH', path, { json: { title: 'Back' } }), 404);
    assertProblem(await service.request('PATCH', path, { json: {} }), 404);
  });

  test('the id of a deleted note is not given to another', async () => {
    const note = await create('Last');
    await service.request('DELETE', `/api/notes/${note.id}`);
    assert.ok((await create('Next')).id > note.id);
  });

  test('of 200 notes that are created at once none is lost', async () => {
    const { id } = await create('Before all');
    const titles = Array.from({ length: 200 }, (_, i) => `Parallel ${i}`);
    const notes = await Promise.all(titles.map((title) => create(title)));
    assert.equal(new Set(notes.map((note) => note.id)).size, 200);
    const first = (await service.request('GET', `/api/notes?limit=100&after=${id}`)).json();
    const path = `/api/notes?limit=100&after=${first.next}`;
    const second = (await service.request('GET', path)).json();
    const found: string[] = [...first.items, ...second.items].map(({ title }) => title);
    assert.deepEqual(found.toSorted(), titles.toSorted());
  });
});
