import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp } from './app.js';
import { createDatabase, type TestDatabase } from './database.js';
import { expectProblem } from './problem.js';

describe('words', () => {
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

  const countIn = async (body: string) => {
    const note = await request(app.getHttpServer()).post('/api/notes').send({ title: 'x', body });
    return request(app.getHttpServer()).get(`/api/notes/${note.body.id}/words`);
  };

  test('are counted, the most frequent first', async () => {
    const answer = await countIn('To be, or not to be: das Größte, das größte.');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      words: [
        { word: 'to', count: 2 },
        { word: 'be', count: 2 },
        { word: 'das', count: 2 },
        { word: 'größte', count: 2 },
        { word: 'or', count: 1 },
        { word: 'not', count: 1 },
      ],
    });
    expect((await countIn('')).body).toEqual({ words: [] });
  });

  test('are counted for a note that is there', async () => {
    const get = (path: string) => request(app.getHttpServer()).get(path);
    expectProblem(await get('/api/notes/9007199254740991/words'), 404);
    expectProblem(await get('/api/notes/0/words'), 422, ['id']);
    expectProblem(await get('/api/notes/1/words?top=3'), 422, ['top']);
    const post = await request(app.getHttpServer()).post('/api/notes/1/words').send({});
    expectProblem(post, 405);
  });
});
