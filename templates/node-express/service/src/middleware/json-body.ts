import express, { type RequestHandler } from 'express';
import { Problem } from '../problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const checkType: RequestHandler = (req, _res, next) => {
  const type = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem(415, 'The body has to be application/json');
  next();
};

/** `express.json` would put U+FFFD for bytes that are not UTF-8, and keep what nobody sent. */
const decode: RequestHandler = (req, _res, next) => {
  try {
    req.body = JSON.parse(utf8.decode(req.body)) as unknown;
  } catch (cause) {
    throw new Problem(400, 'The body is not valid JSON', { cause });
  }
  next();
};

/** For a route that takes a body, which has to be JSON: after it, `req.body` is what was sent. */
export const jsonBody: RequestHandler = express
  .Router()
  .use(checkType, express.raw({ type: () => true, limit: 1024 * 1024, inflate: false }), decode);
