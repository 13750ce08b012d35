import { BadRequestException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** HTTP/1.1 wants to know which host is meant. Node.js itself would refuse without a body. */
export function requireHost(request: Request, _response: Response, next: NextFunction): void {
  if (request.httpVersion === '1.1' && request.headers.host === undefined) {
    throw new BadRequestException('The Host header is missing');
  }
  next();
}

/**
 * A path that cannot be decoded makes the router fail. Routed as it is written, it fits no path
 * or no schema, and is answered like any other request.
 */
export function undecodablePath(request: Request, _response: Response, next: NextFunction): void {
  const [path = '', ...query] = request.url.split('?');
  try {
    decodeURIComponent(path);
  } catch {
    request.url = [path.replaceAll('%', '%25'), ...query].join('?');
  }
  next();
}
