import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

/** The path that was asked for. The query may hold what must not be logged. */
export const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] ?? '';

/** Sends the request's id back and writes one line to the log when the answer is out. */
function follow(request: FastifyRequest, reply: FastifyReply): void {
  const start = performance.now();
  reply.header('x-request-id', request.id);
  reply.raw.once('close', () => {
    const path = pathOf(request);
    const line = {
      method: request.method,
      path,
      status: reply.raw.statusCode,
      ms: Math.round((performance.now() - start) * 10) / 10,
    };
    if (path === '/healthz' || path === '/readyz') request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  });
}

export const requests = fp(
  async (app) => {
    app.addHook('onRequest', async (request, reply) => follow(request, reply));
  },
  { name: 'requests' },
);
