import type { RequestHandler } from 'express';

/**
 * A path that cannot be decoded makes the router fail. Routed as it is written, it fits no path
 * or no schema, and is answered like any other request.
 */
export const undecodablePath: RequestHandler = (req, _res, next) => {
  const [path = '', ...query] = req.url.split('?');
  try {
    decodeURIComponent(path);
  } catch {
    req.url = [path.replaceAll('%', '%25'), ...query].join('?');
  }
  next();
};
