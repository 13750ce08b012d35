import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { answer, problems } from '../plugins/openapi.ts';
import { Problem } from '../problem.ts';
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
import { NoteStore } from './store.ts';

const noSuchNote = () => new Problem(404, 'There is no such note');

export const noteRoutes: FastifyPluginAsyncZod = async (app) => {
  const notes = new NoteStore(app.database);

  app.post(
    '',
    {
      schema: {
        operationId: 'createNote',
        tags: ['notes'],
        summary: 'Create a note',
        querystring: noQuerySchema,
        body: newNoteSchema,
        response: {
          201: answer('The new note; its address is in Location.', noteSchema),
          ...problems(400, 413, 415, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const note = await notes.create(request.body);
      return reply.code(201).header('location', `/api/notes/${note.id}`).send(note);
    },
  );

  app.get(
    '',
    {
      schema: {
        operationId: 'listNotes',
        tags: ['notes'],
        summary: 'List the notes in order of their ids',
        querystring: noteQuerySchema,
        response: { 200: answer('A page of notes.', notePageSchema), ...problems(422, 503) },
      },
    },
    async ({ query: { limit, after } }) =>
      pageOf(await notes.list({ limit: limit + 1, after }), limit),
  );

  app.get(
    '/:id',
    {
      schema: {
        operationId: 'getNote',
        tags: ['notes'],
        summary: 'Read a note',
        params: noteParamsSchema,
        querystring: noQuerySchema,
        response: { 200: answer('The note.', noteSchema), ...problems(404, 422, 503) },
      },
    },
    async ({ params: { id } }) => {
      const note = await notes.get(id);
      if (note === undefined) throw noSuchNote();
      return note;
    },
  );

  app.patch(
    '/:id',
    {
      schema: {
        operationId: 'changeNote',
        tags: ['notes'],
        summary: 'Change the fields that are given',
        params: noteParamsSchema,
        querystring: noQuerySchema,
        body: noteChangesSchema,
        response: {
          200: answer('The changed note.', noteSchema),
          ...problems(400, 404, 413, 415, 422, 503),
        },
      },
    },
    async ({ params: { id }, body }) => {
      const note = await notes.update(id, body);
      if (note === undefined) throw noSuchNote();
      return note;
    },
  );

  app.delete(
    '/:id',
    {
      schema: {
        operationId: 'deleteNote',
        tags: ['notes'],
        summary: 'Delete a note',
        params: noteParamsSchema,
        querystring: noQuerySchema,
        response: { 204: z.null().describe('It is gone.'), ...problems(404, 422, 503) },
      },
    },
    async ({ params: { id } }, reply) => {
      if (!(await notes.remove(id))) throw noSuchNote();
      return reply.code(204).send(null);
    },
  );
};
