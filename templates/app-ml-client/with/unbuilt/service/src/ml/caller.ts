import type { IncomingMessage, ServerResponse } from 'node:http';
import { traceparentOf } from '../trace.ts';

/** Who asks for a prediction. */
export interface Caller {
  requestId: string;
  traceparent: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

export function callerOf(
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Caller {
  const leaving = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) leaving.abort();
  });
  return { requestId, traceparent: traceparentOf(request), signal: leaving.signal };
}
