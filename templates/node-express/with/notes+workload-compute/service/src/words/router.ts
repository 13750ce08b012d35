import express, { type Router } from 'express';
import { methodNotAllowed } from '../middleware/errors.ts';
import { noQuerySchema, noteParamsSchema } from '../notes/note.ts';
import type { NoteStore } from '../notes/store.ts';
import { answer, parameters, type Paths, problems } from '../openapi.ts';
import { Problem } from '../problem.ts';
import { validate } from '../validate.ts';
import { countWords, wordCountsSchema } from './pool.ts';

export function wordRouter(notes: NoteStore): Router {
  const router = express.Router({ strict: true, caseSensitive: true });

  router
    .route('/api/notes/:id/words')
    .get(async (req, res) => {
      validate(noQuerySchema, req.query, 'query');
      const { id } = validate(noteParamsSchema, req.params, 'params');
      const note = await notes.get(id);
      if (note === undefined) throw new Problem(404, 'There is no such note');
      res.json(await countWords(note.body));
    })
    .all(methodNotAllowed);

  return router;
}

export const wordPaths: Paths = {
  '/api/notes/{id}/words': {
    get: {
      operationId: 'countWords',
      tags: ['notes'],
      summary: 'Count the words of a note',
      parameters: parameters('path', noteParamsSchema),
      responses: {
        200: answer('The most frequent words.', wordCountsSchema),
        ...problems(404, 422, 503),
      },
    },
  },
};
