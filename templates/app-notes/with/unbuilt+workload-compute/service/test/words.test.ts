import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Unavailable } from '../src/problem.ts';
import { countWords } from '../src/words/pool.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { assertProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

describe('words', () => {
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

  const create = async (body: string): Promise<string> => {
    const answer = await service.request('POST', '/api/notes', { json: { title: 'x', body } });
    return `/api/notes/${answer.json().id}/words`;
  };

  test('are counted, the most frequent first', async () => {
    const path = await create('To be, or not to be: das Größte, das größte.');
    const answer = await service.request('GET', path);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), {
      words: [
        { word: 'to', count: 2 },
        { word: 'be', count: 2 },
        { word: 'das', count: 2 },
        { word: 'größte', count: 2 },
        { word: 'or', count: 1 },
        { word: 'not', count: 1 },
      ],
    });
    assert.deepEqual((await service.request('GET', await create(''))).json(), { words: [] });
  });

  test('are counted for a note that is there', async () => {
    assertProblem(await service.request('GET', '/api/notes/9007199254740991/words'), 404);
    assertProblem(await service.request('GET', '/api/notes/0/words'), 422, ['id']);
    assertProblem(await service.request('GET', '/api/notes/1/words?top=3'), 422, ['top']);
    assertProblem(await service.request('POST', '/api/notes/1/words', { json: {} }), 405);
  });

  test('are counted beside the main thread, which goes on meanwhile', async () => {
    let counted = false;
    const counting = countWords('one two three four '.repeat(5_000)).then(({ words }) => {
      counted = true;
      return words;
    });
    await setImmediate();
    assert.equal(counted, false);
    assert.deepEqual(await counting, [
      { word: 'one', count: 5_000 },
      { word: 'two', count: 5_000 },
      { word: 'three', count: 5_000 },
      { word: 'four', count: 5_000 },
    ]);
  });

  test('are counted for as many as can wait, and for no more', async () => {
    const texts = Array.from({ length: 1_000 }, () => 'one');
    const results = await Promise.allSettled(texts.map((text) => countWords(text)));
    const refused = results.filter((result) => result.status === 'rejected');
    assert.ok(refused.length > 0 && refused.length <= 900);
    for (const { reason } of refused) assert.ok(reason instanceof Unavailable);
  });
});
