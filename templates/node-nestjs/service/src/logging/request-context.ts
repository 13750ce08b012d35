import { AsyncLocalStorage } from 'node:async_hooks';

interface RequestContext {
  requestId: string;
}

/** What belongs to the request that is being handled, wherever the code is that handles it. */
export const requestContext = new AsyncLocalStorage<RequestContext>();
