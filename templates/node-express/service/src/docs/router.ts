import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';
import { methodNotAllowed, notFound } from '../middleware/errors.ts';

const pages = join(import.meta.dirname, 'public');
const swaggerUi = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')));

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
