import type { RequestHandler } from 'express';
import { traceOf } from '../trace.ts';

/** Every line in the log about a request says which trace it belongs to. */
export const trace: RequestHandler = (req, _res, next) => {
  req.log = req.log.child(traceOf(req));
  next();
};
