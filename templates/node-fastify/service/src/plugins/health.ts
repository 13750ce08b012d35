import fp from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { checkReadiness, type ReadinessChecks } from '../readiness.ts';
import { answer, problems } from './openapi.ts';

declare module 'fastify' {
  interface FastifyInstance {
    readinessChecks: ReadinessChecks;
  }
}

const healthSchema = z.object({ status: z.literal('ok') });
const readinessSchema = healthSchema.extend({ checks: z.record(z.string(), z.literal('ok')) });

export const health = fp(
  async (instance) => {
    const app = instance.withTypeProvider<ZodTypeProvider>();
    const checks: ReadinessChecks = {};
    app.decorate('readinessChecks', checks);

    app.get(
      '/healthz',
      {
        schema: {
          operationId: 'getHealth',
          tags: ['health'],
          summary: 'Whether the process is alive',
          response: { 200: answer('It is.', healthSchema) },
        },
      },
      async () => ({ status: 'ok' as const }),
    );

    app.get(
      '/readyz',
      {
        schema: {
          operationId: 'getReadiness',
          tags: ['health'],
          summary: 'Whether the service can do its work',
          response: { 200: answer('It can.', readinessSchema), ...problems(503) },
        },
      },
      async (request) => ({
        status: 'ok' as const,
        checks: await checkReadiness(checks, request.log),
      }),
    );
  },
  { name: 'health', dependencies: ['openapi'] },
);
