import { errorCodes, type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { Problem, problemType } from '../problem.ts';
import { pathOf } from './requests.ts';

/** Every error ends here and leaves as a problem document. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error);
  if (problem.status === 500) request.log.error({ err: error }, 'request failed');
  else if (problem.status > 500) request.log.warn({ err: problem.cause ?? error }, 'unavailable');
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type(problemType)
    .send(problem.toJSON());
}

/**
 * A path that cannot be decoded fails before there are hooks. Routed as it is written, it fits
 * no path or no schema, and is answered like any other request.
 */
export function routeAsWritten(
  _error: FastifyError,
  { server, raw }: FastifyRequest,
  reply: FastifyReply,
): void {
  const [path = '', ...query] = raw.url?.split('?') ?? [];
  const written = path.replaceAll('%', '%25');
  // One without a path, as in `GET http://`, would come back here for ever.
  raw.url = [written.startsWith('/') ? written : `/${written}`, ...query].join('?');
  server.routing(raw, reply.raw);
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof errorCodes.FST_ERR_CTP_BODY_TOO_LARGE) {
    return new Problem(413, 'The body is larger than 1 MiB');
  }
  if (error instanceof Error && 'statusCode' in error) {
    const status = Number(error.statusCode);
    if (status >= 400 && status < 500) return new Problem(status, error.message);
  }
  return new Problem(500, 'This is a fault of the service; its log has the request id');
}

/**
 * Answers 404, or 405 with the methods of a known path. Fastify routes by method first, so the
 * paths are collected here.
 */
export const errors = fp(
  async (app) => {
    const methodsByPath = new Map<string, Set<string>>();
    app.addHook('onRoute', ({ url, method }) => {
      if (url === '*') return;
      const methods = methodsByPath.get(url) ?? new Set();
      for (const name of [method].flat()) methods.add(name);
      methodsByPath.set(url, methods);
    });

    const unrouted = (request: FastifyRequest): Problem => {
      const path = pathOf(request);
      for (const [pattern, methods] of methodsByPath) {
        if (matches(pattern, path)) {
          const headers = { Allow: [...methods].toSorted().join(', ') };
          return new Problem(405, `${request.method} is not possible here`, { headers });
        }
      }
      return new Problem(404, 'There is nothing at this path');
    };

    app.setErrorHandler(answerError);
    // At once, and not after the body has been read and found wanting.
    app.addHook('onRequest', async (request) => {
      if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
        throw new Problem(400, 'The Host header is missing');
      }
      // The router takes /api/notes/ for an id that is empty.
      if (request.is404 || Object.values(request.params ?? {}).includes('')) {
        throw unrouted(request);
      }
    });
    app.setNotFoundHandler(async (request) => {
      throw unrouted(request);
    });
  },
  { name: 'errors', dependencies: ['security'] },
);

function matches(pattern: string, path: string): boolean {
  const given = path.split('/');
  const wanted = pattern.split('/');
  if (wanted.at(-1) === '*') given.length = Math.min(given.length, wanted.length);
  return (
    given.length === wanted.length &&
    wanted.every((segment, i) =>
      segment.startsWith(':') ? given[i] !== '' : segment === '*' || segment === given[i],
    )
  );
}
