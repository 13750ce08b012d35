import type { Request, RequestHandler } from 'express';
import { Problem } from '../problem.ts';

const limit = 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * For a route that takes a body, which has to be JSON in UTF-8: after it, `req.body` is what was
 * sent. `express.json` reads even what is too large to its end, and puts U+FFFD for what is not
 * UTF-8.
 */
export const jsonBody: RequestHandler = async (req, _res, next) => {
  const type = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem(415, 'The body has to be application/json');
  if ((req.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new Problem(415, 'The body must not be compressed');
  }
  const bytes = await read(req);
  try {
    req.body = JSON.parse(utf8.decode(bytes)) as unknown;
  } catch (cause) {
    throw new Problem(400, 'The body is not valid JSON', { cause });
  }
  next();
};

async function read(req: Request): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the connection: the answer has to go out.
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) throw tooLarge();
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem(400, 'The body did not arrive', { cause });
  }
  return Buffer.concat(chunks);
}

/** What is left of the body is not read, so nothing else can come over this connection. */
function tooLarge(): Problem {
  return new Problem(413, 'The body is larger than 1 MiB', { headers: { Connection: 'close' } });
}
