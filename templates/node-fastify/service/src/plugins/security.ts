import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';
import type { Settings } from '../settings.ts';

export const security = fp<Pick<Settings, 'CORS_ORIGINS'>>(
  async (app, { CORS_ORIGINS }) => {
    await app.register(helmet, {
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
    });
    if (CORS_ORIGINS.length > 0) {
      await app.register(cors, {
        delegator: (request, done) =>
          done(null, {
            origin: CORS_ORIGINS,
            methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
            exposedHeaders: ['Location', 'X-Request-Id'],
            // An OPTIONS that is no preflight is answered like any other method.
            preflight: request.headers['access-control-request-method'] !== undefined,
          }),
      });
    }
  },
  { name: 'security', dependencies: ['requests'] },
);
