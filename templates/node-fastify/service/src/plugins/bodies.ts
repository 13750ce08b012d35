import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { Problem } from '../problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const takesBody = (request: FastifyRequest) => request.routeOptions.schema?.body !== undefined;

/** A body is JSON in UTF-8. Where a route takes one, anything else is refused before it is read. */
export const bodies = fp(
  async (app) => {
    app.addHook('onRequest', async (request) => {
      if (!takesBody(request)) return;
      const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
      if (type !== 'application/json') {
        throw new Problem(415, 'The body has to be application/json');
      }
      if ((request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
        throw new Problem(415, 'The body must not be compressed');
      }
    });

    app.removeAllContentTypeParsers();
    app.addContentTypeParser<Buffer>(
      'application/json',
      { parseAs: 'buffer' },
      async (request: FastifyRequest, body: Buffer) => {
        if (body.length === 0 && !takesBody(request)) return undefined;
        try {
          return JSON.parse(utf8.decode(body)) as unknown;
        } catch (cause) {
          throw new Problem(400, 'The body is not valid JSON', { cause });
        }
      },
    );
  },
  { name: 'bodies', dependencies: ['errors'] },
);
