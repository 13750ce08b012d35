import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { noQuerySchema, noteParamsSchema } from '../notes/note.ts';
import { NoteStore } from '../notes/store.ts';
import { answer, problems } from '../plugins/openapi.ts';
import { Problem } from '../problem.ts';
import { countWords, wordCountsSchema } from './pool.ts';

export const wordRoutes: FastifyPluginAsyncZod = async (app) => {
  const notes = new NoteStore(app.database);

  app.get(
    '/:id/words',
    {
      schema: {
        operationId: 'countWords',
        tags: ['notes'],
        summary: 'Count the words of a note',
        params: noteParamsSchema,
        querystring: noQuerySchema,
        response: {
          200: answer('The most frequent words.', wordCountsSchema),
          ...problems(404, 422, 503),
        },
      },
    },
    async ({ params: { id } }) => {
      const note = await notes.get(id);
      if (note === undefined) throw new Problem(404, 'There is no such note');
      return countWords(note.body);
    },
  );
};
