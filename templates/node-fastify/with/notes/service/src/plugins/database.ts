import fp from 'fastify-plugin';
import { type Database, openDatabase } from '../db/database.ts';
import type { Settings } from '../settings.ts';

declare module 'fastify' {
  interface FastifyInstance {
    database: Database;
  }
}

/** Opens the database, and closes it after the last request has been answered. */
export const database = fp<Settings>(
  async (app, settings) => {
    const opened = openDatabase(settings);
    app.decorate('database', opened);
    app.readinessChecks['database'] = () => opened.ping();
    app.addHook('onClose', () => opened.close());
  },
  { name: 'database', dependencies: ['health'] },
);
