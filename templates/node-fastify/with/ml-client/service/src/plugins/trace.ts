import fp from 'fastify-plugin';
import { traceOf } from '../trace.ts';

/** Every line in the log about a request says which trace it belongs to. */
export const trace = fp(
  async (app) => {
    app.setChildLoggerFactory((logger, bindings, options, request) =>
      logger.child({ ...bindings, ...traceOf(request) }, options),
    );
  },
  { name: 'trace' },
);
