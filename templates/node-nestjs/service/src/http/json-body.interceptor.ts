import {
  BadRequestException,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  PayloadTooLargeException,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import type { Request } from 'express';
import type { Observable } from 'rxjs';

const limit = 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the body of a request to a route that takes one, which has to be JSON in UTF-8. Nest's
 * own parser comes before the router: it would complain of the body of a request that no route
 * is there for; and it takes U+FFFD for what is not UTF-8.
 */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    if (['POST', 'PUT', 'PATCH'].includes(request.method)) request.body = await readJson(request);
    return next.handle();
  }
}

async function readJson(request: Request): Promise<unknown> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new UnsupportedMediaTypeException('The body has to be application/json');
  }
  if ((request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new UnsupportedMediaTypeException('The body must not be compressed');
  }
  const bytes = await read(request);
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new BadRequestException('The body is not valid JSON', { cause });
  }
}

async function read(request: Request): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the connection: the answer has to go out.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) throw tooLarge();
    }
  } catch (cause) {
    if (cause instanceof PayloadTooLargeException) throw cause;
    throw new BadRequestException('The body did not arrive', { cause });
  }
  return Buffer.concat(chunks);
}

const tooLarge = () => new PayloadTooLargeException('The body is larger than 1 MiB');
