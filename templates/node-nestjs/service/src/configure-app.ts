import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import helmet from 'helmet';
import { SETTINGS, type Settings } from './config/settings.js';
import { assets } from './docs/assets.js';
import { createDocument } from './docs/openapi.js';
import { OpenApiDocument } from './docs/openapi-document.js';
import { requireHost, undecodablePath } from './http/requests.middleware.js';
import { requestLog } from './logging/request-log.middleware.js';

/** What holds for all routes and is no provider; the tests use it as `main.ts` does. */
export function configureApp(app: NestExpressApplication): void {
  const { CORS_ORIGINS } = app.get<Settings>(SETTINGS);

  app.use(requestLog);
  app.use(
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
  );
  if (CORS_ORIGINS.length > 0) {
    app.enableCors((request: Request, done) =>
      done(null, {
        origin: CORS_ORIGINS,
        methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
        exposedHeaders: ['Location', 'X-Request-Id'],
        // An OPTIONS that is no preflight is answered like any other method.
        preflightContinue: request.headers['access-control-request-method'] === undefined,
      }),
    );
  }
  app.use(requireHost, undecodablePath);
  for (const folder of assets) {
    app.useStaticAssets(folder, { prefix: '/docs/', index: false, redirect: false });
  }
  app.get(OpenApiDocument).document = createDocument(app);
}
