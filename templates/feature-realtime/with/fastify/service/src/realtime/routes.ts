import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { noQuerySchema } from '../notes/note.ts';
import { problems } from '../plugins/openapi.ts';
import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import { eventIdSchema } from './note-event.ts';
import { isAllowedOrigin } from './origin.ts';
import { stream } from './stream.ts';
import { isHandshake, upgradeOf } from './upgrade.ts';

const pages = join(import.meta.dirname, '../../public');

/** Node.js gives the names of headers in lower case, and their values as text. */
const headersSchema = z.preprocess(
  ({ 'last-event-id': id }: IncomingHttpHeaders) => {
    if (id === undefined) return {};
    return { 'Last-Event-ID': typeof id === 'string' && /^\d+$/.test(id) ? Number(id) : id };
  },
  z.object({
    'Last-Event-ID': eventIdSchema.exactOptional().describe('The event after which to go on.'),
  }),
);

export const realtimeRoutes: FastifyPluginAsyncZod<Pick<Settings, 'CORS_ORIGINS'>> = async (
  app,
  { CORS_ORIGINS },
) => {
  const { realtime } = app;

  app.get(
    '/api/notes/events',
    {
      schema: {
        operationId: 'streamNoteEvents',
        tags: ['notes'],
        summary: 'Watch the changes of notes',
        headers: headersSchema,
        querystring: noQuerySchema,
        response: {
          200: {
            description: 'Server-sent events, without an end.',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...problems(422, 503),
        },
      },
    },
    async ({ method, raw, log }, reply) => {
      const id = raw.headers['last-event-id'];
      const subscription = await realtime.subscribe(id === undefined ? undefined : Number(id));
      reply
        .type('text/event-stream')
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      if (method === 'HEAD') {
        subscription.end('left');
        return reply.send('');
      }
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      try {
        await stream(subscription, reply.raw, realtime.heartbeat);
      } catch (error) {
        log.warn({ err: error }, 'a stream has ended early');
      }
      return reply;
    },
  );

  app.get('/ws', { schema: { hide: true } }, async ({ raw }, reply) => {
    const upgrade = upgradeOf(raw);
    if (upgrade === undefined || !isHandshake(raw)) {
      throw new Problem(426, 'Only WebSockets are spoken here', {
        headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
      });
    }
    if (!isAllowedOrigin(raw, CORS_ORIGINS)) {
      throw new Problem(403, 'Pages of this origin are not let in');
    }
    await realtime.accept(raw, upgrade.socket, upgrade.head);
    reply.hijack();
    reply.raw.statusCode = 101;
  });

  await app.register(fastifyStatic, { root: pages, serve: false });
  for (const [path, file] of [
    ['/live', 'live.html'],
    ['/live.js', 'live.js'],
    ['/live.css', 'live.css'],
  ] as const) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) => reply.sendFile(file));
  }
};
