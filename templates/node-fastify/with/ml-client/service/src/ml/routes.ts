import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { noQuerySchema } from '../notes/note.ts';
import { answer, problems } from '../plugins/openapi.ts';
import { callerOf } from './caller.ts';
import { predictionRequestSchema, predictionResponseSchema } from './predictions.ts';

export const predictionRoutes: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '',
    {
      schema: {
        operationId: 'predict',
        tags: ['predictions'],
        summary: 'Predict a label for each input',
        querystring: noQuerySchema,
        body: predictionRequestSchema,
        response: {
          201: answer('A prediction for each input, in their order.', predictionResponseSchema),
          ...problems(400, 413, 415, 422, 502, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request.id, request.raw, reply.raw);
      return reply.code(201).send(await app.ml.predict(request.body, caller));
    },
  );
};
