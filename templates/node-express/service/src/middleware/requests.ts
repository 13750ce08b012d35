import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { requestId } from '../request-id.ts';

declare global {
  namespace Express {
    interface Request {
      /** Writes lines that carry the request's id. */
      log: Logger;
    }
  }
}

/** Sends the request's id back and writes one line to the log when the answer is out. */
export function requests(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const start = performance.now();
    const id = requestId(req.headers['x-request-id']);
    req.log = logger.child({ requestId: id });
    res.set('X-Request-Id', id);
    // The query may hold what must not be logged. By the time of the answer a router may have
    // shortened `req.url`.
    const [path] = req.originalUrl.split('?', 1);
    res.once('close', () => {
      const line = {
        method: req.method,
        path,
        status: res.statusCode,
        ms: Math.round((performance.now() - start) * 10) / 10,
      };
      if (path === '/healthz' || path === '/readyz') req.log.debug(line, 'request');
      else req.log.info(line, 'request');
    });
    next();
  };
}
