import type { RequestHandler } from 'express';
import { Problem } from '../problem.ts';

/** HTTP/1.1 wants to know which host is meant. Node.js itself would refuse without a body. */
export const host: RequestHandler = (req, _res, next) => {
  if (req.httpVersion === '1.1' && req.headers.host === undefined) {
    throw new Problem(400, 'The Host header is missing');
  }
  next();
};
