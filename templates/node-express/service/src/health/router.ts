import express, { type Router } from 'express';
import * as z from 'zod';
import { methodNotAllowed } from '../middleware/errors.ts';
import { answer, type Paths, problems } from '../openapi.ts';
import { checkReadiness, type ReadinessChecks } from '../readiness.ts';

const healthSchema = z.object({ status: z.literal('ok') });
const readinessSchema = healthSchema.extend({ checks: z.record(z.string(), z.literal('ok')) });

export const healthPaths: Paths = {
  '/healthz': {
    get: {
      operationId: 'getHealth',
      tags: ['health'],
      summary: 'Whether the process is alive',
      responses: { 200: answer('It is.', healthSchema) },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      tags: ['health'],
      summary: 'Whether the service can do its work',
      responses: { 200: answer('It can.', readinessSchema), ...problems(503) },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'getOpenApi',
      tags: ['health'],
      summary: 'This description',
      responses: { 200: answer('An OpenAPI document.', z.looseObject({})) },
    },
  },
};

export function healthRouter(checks: ReadinessChecks): Router {
  const router = express.Router({ strict: true, caseSensitive: true });

  router
    .route('/healthz')
    .get((_req, res) => {
      res.json({ status: 'ok' });
    })
    .all(methodNotAllowed);

  router
    .route('/readyz')
    .get(async (req, res) => {
      res.json({ status: 'ok', checks: await checkReadiness(checks, req.log) });
    })
    .all(methodNotAllowed);

  return router;
}
