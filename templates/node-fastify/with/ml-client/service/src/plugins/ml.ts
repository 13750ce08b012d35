import fp from 'fastify-plugin';
import { Ml } from '../ml/ml.ts';
import type { Settings } from '../settings.ts';

declare module 'fastify' {
  interface FastifyInstance {
    ml: Ml;
  }
}

/** Knows the service with the model. It is no readiness check: without it all else goes on. */
export const ml = fp<Settings>(
  async (app, settings) => {
    const opened = new Ml(settings, app.log);
    app.decorate('ml', opened);
    app.addHook('onClose', async () => opened.close());
  },
  { name: 'ml', dependencies: ['health'] },
);
