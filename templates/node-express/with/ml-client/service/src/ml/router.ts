import express, { type Router } from 'express';
import { methodNotAllowed } from '../middleware/errors.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { noQuerySchema } from '../notes/note.ts';
import { answer, type Paths, problems, requestBody } from '../openapi.ts';
import { validate } from '../validate.ts';
import { callerOf } from './caller.ts';
import type { Ml } from './ml.ts';
import { predictionRequestSchema, predictionResponseSchema } from './predictions.ts';

export function predictionRouter(ml: Ml): Router {
  const router = express.Router({ strict: true, caseSensitive: true });

  router
    .route('/api/predictions')
    .post(jsonBody, async (req, res) => {
      validate(noQuerySchema, req.query, 'query');
      const request = validate(predictionRequestSchema, req.body, 'body');
      const caller = callerOf(res.get('X-Request-Id') ?? '', req, res);
      res.status(201).json(await ml.predict(request, caller));
    })
    .all(methodNotAllowed);

  return router;
}

export const predictionPaths: Paths = {
  '/api/predictions': {
    post: {
      operationId: 'predict',
      tags: ['predictions'],
      summary: 'Predict a label for each input',
      requestBody: requestBody(predictionRequestSchema),
      responses: {
        201: answer('A prediction for each input, in their order.', predictionResponseSchema),
        ...problems(400, 413, 415, 422, 502, 503, 504),
      },
    },
  },
};
