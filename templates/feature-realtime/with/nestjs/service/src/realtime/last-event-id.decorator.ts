import {
  createParamDecorator,
  type ExecutionContext,
  UnprocessableEntityException,
} from '@nestjs/common';
import type { Request } from 'express';
import { eventIdSchema } from './note-event.js';

/** The event after which a client goes on, which `EventSource` names when it connects again. */
export const LastEventId = createParamDecorator(
  (_data: unknown, context: ExecutionContext): number | undefined => {
    const given = context.switchToHttp().getRequest<Request>().get('Last-Event-ID');
    if (given === undefined) return undefined;
    const { data } = eventIdSchema.safeParse(/^\d+$/.test(given) ? Number(given) : given);
    if (data !== undefined) return data;
    throw new UnprocessableEntityException({
      message: 'The request does not fit what is expected here',
      errors: [{ field: 'Last-Event-ID', detail: 'Must be the id of an event' }],
    });
  },
);
