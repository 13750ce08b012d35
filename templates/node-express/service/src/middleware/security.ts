import cors from 'cors';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Settings } from '../settings.ts';

export function security({ CORS_ORIGINS }: Pick<Settings, 'CORS_ORIGINS'>): RequestHandler[] {
  const handlers: RequestHandler[] = [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          baseUri: ["'self'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          // The icons in Swagger UI's own style sheet.
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
        },
      },
      frameguard: { action: 'deny' },
    }),
  ];
  if (CORS_ORIGINS.length > 0) {
    handlers.push(
      cors((req, done) =>
        done(null, {
          origin: CORS_ORIGINS,
          methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
          exposedHeaders: ['Location', 'X-Request-Id'],
          // An OPTIONS that is no preflight is answered like any other method.
          preflightContinue: req.headers['access-control-request-method'] === undefined,
        }),
      ),
    );
  }
  return handlers;
}
