import { join } from 'node:path';
import express, { type Router } from 'express';
import * as z from 'zod';
import { methodNotAllowed } from '../middleware/errors.ts';
import { noQuerySchema } from '../notes/note.ts';
import { type Paths, problems } from '../openapi.ts';
import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import { validate } from '../validate.ts';
import { eventIdSchema } from './note-event.ts';
import { isAllowedOrigin } from './origin.ts';
import type { Realtime } from './realtime.ts';
import { stream } from './stream.ts';
import { isHandshake, upgradeOf } from './upgrade.ts';

const pages = join(import.meta.dirname, '../../public');
const path = '/api/notes/events';

/** The headers of a request that opens the stream; in a header a number is text. */
const headersSchema = z.object({
  'Last-Event-ID': z
    .string()
    .regex(/^\d+$/, 'Must be a whole number')
    .transform(Number)
    .pipe(eventIdSchema)
    .exactOptional(),
});

export const realtimePaths: Paths = {
  [path]: {
    get: {
      operationId: 'streamNoteEvents',
      tags: ['notes'],
      summary: 'Watch the changes of notes',
      parameters: [
        {
          name: 'Last-Event-ID',
          in: 'header',
          description: 'The event after which to go on.',
          required: false,
          schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
        },
      ],
      responses: {
        200: {
          description: 'Server-sent events, without an end.',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        ...problems(422, 503),
      },
    },
  },
};

export function realtimeRouter(
  realtime: Realtime,
  { CORS_ORIGINS }: Pick<Settings, 'CORS_ORIGINS'>,
): Router {
  const router = express.Router({ strict: true, caseSensitive: true });

  router
    .route(path)
    .get(async (req, res) => {
      validate(noQuerySchema, req.query, 'query');
      const given = req.get('last-event-id');
      const { 'Last-Event-ID': lastEventId } = validate(
        headersSchema,
        given === undefined ? {} : { 'Last-Event-ID': given },
        'query',
      );
      const subscription = await realtime.subscribe(lastEventId);
      res.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }).type('text/event-stream');
      if (req.method === 'HEAD') {
        subscription.end('left');
        res.end();
      } else {
        await stream(subscription, res, realtime.heartbeat).catch((error: unknown) => {
          req.log.warn({ err: error }, 'a stream has ended early');
        });
      }
    })
    .all(methodNotAllowed);

  router
    .route('/ws')
    .get(async (req, res) => {
      const upgrade = upgradeOf(req);
      if (upgrade === undefined || !isHandshake(req)) {
        throw new Problem(426, 'Only WebSockets are spoken here', {
          headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
        });
      }
      if (!isAllowedOrigin(req, CORS_ORIGINS)) {
        throw new Problem(403, 'Pages of this origin are not let in');
      }
      await realtime.accept(req, upgrade.socket, upgrade.head);
      res.statusCode = 101;
    })
    .all(methodNotAllowed);

  for (const [address, file] of [
    ['/live', 'live.html'],
    ['/live.js', 'live.js'],
    ['/live.css', 'live.css'],
  ] as const) {
    router
      .route(address)
      .get((_req, res) => {
        res.sendFile(file, { root: pages });
      })
      .all(methodNotAllowed);
  }

  return router;
}
