import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { traceparentOf } from '../logging/trace.js';

/** Who asks for a prediction. */
export interface Caller {
  requestId: string;
  traceparent: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** The caller that a handler works for. */
export const RequestCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller => {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const leaving = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) leaving.abort();
    });
    return {
      requestId: response.get('X-Request-Id') ?? '',
      traceparent: traceparentOf(request),
      signal: leaving.signal,
    };
  },
);
