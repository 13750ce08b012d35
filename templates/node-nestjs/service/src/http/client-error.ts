import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { requestIdOf } from '../logging/request-log.middleware.js';
import { createProblem, problemType } from './problem.js';

/**
 * Answers what is not HTTP at all, or comes too slowly: there is no request yet, so Nest never
 * sees it.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? createProblem(431, 'The header fields are too large')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? createProblem(408, 'The request did not arrive in time')
        : createProblem(400, 'This is not a valid HTTP request');
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Connection: close',
      `Content-Type: ${problemType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'X-Content-Type-Options: nosniff',
      `X-Request-Id: ${requestIdOf(undefined)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
