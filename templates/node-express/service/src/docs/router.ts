import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';
import { methodNotAllowed, notFound } from '../middleware/errors.ts';
import type { Paths } from '../openapi.ts';

const pages = join(import.meta.dirname, 'public');
const swaggerUi = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')));

export const docsPaths: Paths = {
  '/docs': {
    get: {
      operationId: 'getDocs',
      tags: ['health'],
      summary: 'The documentation, as a page',
      responses: {
        200: {
          description: 'A page.',
          content: { 'text/html': { schema: { type: 'string' } } },
        },
      },
    },
  },
};

/** Swagger UI, all of it from this service: its policy lets a page load from nowhere else. */
export function docsRouter(): Router {
  const router = express.Router();

  router
    .route('/')
    .get((_req, res) => {
      res.sendFile('index.html', { root: pages });
    })
    .all(methodNotAllowed);

  router
    .route('/*file')
    .get(express.static(pages), express.static(swaggerUi, { index: false }), notFound)
    .all(methodNotAllowed);

  return router;
}
