import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { requestContext } from './request-context.js';

const logger = new Logger('Request');

/** Sends the request's id back and writes one line to the log when the answer is out. */
export function requestLog(request: Request, response: Response, next: NextFunction): void {
  const start = performance.now();
  const requestId = requestIdOf(request.headers['x-request-id']);
  response.set('X-Request-Id', requestId);
  // The query may hold what must not be logged.
  const [path] = request.originalUrl.split('?', 1);
  response.once('close', () => {
    const line = {
      msg: 'request',
      requestId,
      method: request.method,
      path,
      status: response.statusCode,
      ms: Math.round((performance.now() - start) * 10) / 10,
    };
    if (path === '/healthz' || path === '/readyz') logger.debug(line);
    else logger.log(line);
  });
  requestContext.run({ requestId }, next);
}

/** The caller's id when it is safe to log and to echo, otherwise a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(header)
    ? header
    : randomUUID();
}
