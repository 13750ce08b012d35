import type { IncomingMessage } from 'node:http';

const pattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace that a request belongs to, as W3C has it; what does not fit is not handed on. */
export function traceparentOf({ headers }: IncomingMessage): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === 'string' && pattern.test(traceparent) ? traceparent : undefined;
}

/** What a line of the log says of the trace: nothing where there is none. */
export function traceOf(request: IncomingMessage): { traceId?: string } {
  const traceparent = traceparentOf(request);
  return traceparent === undefined ? {} : { traceId: traceparent.slice(3, 35) };
}
