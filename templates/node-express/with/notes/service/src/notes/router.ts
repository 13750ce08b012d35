import express, { type Router } from 'express';
import { methodNotAllowed } from '../middleware/errors.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { answer, parameters, type Paths, problems, requestBody } from '../openapi.ts';
import { Problem } from '../problem.ts';
import { validate } from '../validate.ts';
import {
  newNoteSchema,
  noQuerySchema,
  noteChangesSchema,
  notePageSchema,
  noteParamsSchema,
  noteQuerySchema,
  noteSchema,
  pageOf,
} from './note.ts';
import type { NoteStore } from './store.ts';

const noSuchNote = () => new Problem(404, 'There is no such note');

export function noteRouter(notes: NoteStore): Router {
  const router = express.Router({ strict: true, caseSensitive: true });

  router
    .route('/api/notes')
    .post(jsonBody, async (req, res) => {
      validate(noQuerySchema, req.query, 'query');
      const note = await notes.create(validate(newNoteSchema, req.body, 'body'));
      res.status(201).location(`/api/notes/${note.id}`).json(note);
    })
    .get(async (req, res) => {
      const { limit, after } = validate(noteQuerySchema, req.query, 'query');
      res.json(pageOf(await notes.list({ limit: limit + 1, after }), limit));
    })
    .all(methodNotAllowed);

  router
    .route('/api/notes/:id')
    .get(async (req, res) => {
      validate(noQuerySchema, req.query, 'query');
      const { id } = validate(noteParamsSchema, req.params, 'params');
      const note = await notes.get(id);
      if (note === undefined) throw noSuchNote();
      res.json(note);
    })
    .patch(jsonBody, async (req, res) => {
      validate(noQuerySchema, req.query, 'query');
      const { id } = validate(noteParamsSchema, req.params, 'params');
      const note = await notes.update(id, validate(noteChangesSchema, req.body, 'body'));
      if (note === undefined) throw noSuchNote();
      res.json(note);
    })
    .delete(async (req, res) => {
      validate(noQuerySchema, req.query, 'query');
      const { id } = validate(noteParamsSchema, req.params, 'params');
      if (!(await notes.remove(id))) throw noSuchNote();
      res.status(204).end();
    })
    .all(methodNotAllowed);

  return router;
}

export const notePaths: Paths = {
  '/api/notes': {
    post: {
      operationId: 'createNote',
      tags: ['notes'],
      summary: 'Create a note',
      requestBody: requestBody(newNoteSchema),
      responses: {
        201: answer('The new note; its address is in Location.', noteSchema),
        ...problems(400, 413, 415, 422, 503),
      },
    },
    get: {
      operationId: 'listNotes',
      tags: ['notes'],
      summary: 'List the notes in order of their ids',
      parameters: parameters('query', noteQuerySchema),
      responses: { 200: answer('A page of notes.', notePageSchema), ...problems(422, 503) },
    },
  },
  '/api/notes/{id}': {
    get: {
      operationId: 'getNote',
      tags: ['notes'],
      summary: 'Read a note',
      parameters: parameters('path', noteParamsSchema),
      responses: { 200: answer('The note.', noteSchema), ...problems(404, 422, 503) },
    },
    patch: {
      operationId: 'changeNote',
      tags: ['notes'],
      summary: 'Change the fields that are given',
      parameters: parameters('path', noteParamsSchema),
      requestBody: requestBody(noteChangesSchema),
      responses: {
        200: answer('The changed note.', noteSchema),
        ...problems(400, 404, 413, 415, 422, 503),
      },
    },
    delete: {
      operationId: 'deleteNote',
      tags: ['notes'],
      summary: 'Delete a note',
      parameters: parameters('path', noteParamsSchema),
      responses: { 204: { description: 'It is gone.' }, ...problems(404, 422, 503) },
    },
  },
};
