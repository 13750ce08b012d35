import type { InjectOptions } from 'fastify';
import { buildApp } from '../src/app.ts';
import { createLogger } from '../src/logger.ts';
import { readSettings } from '../src/settings.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; each test says what it expects of it. */
  json(): any;
}

interface RequestOptions {
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** A body that is sent as JSON. */
  json?: unknown;
}

export interface Service {
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** Builds the application and injects requests into it: no port, no network. */
export async function startService(env: NodeJS.ProcessEnv): Promise<Service> {
  const logger = createLogger('error');
  logger.level = 'silent';
  const app = await buildApp(readSettings(env), logger);
  return {
    request: async (method, path, { headers = {}, body, json } = {}) => {
      const options: InjectOptions = { method, url: path, headers };
      if (json !== undefined) {
        options.headers = { ...headers, 'content-type': 'application/json' };
        options.payload = JSON.stringify(json);
      } else if (body !== undefined) {
        options.payload = body;
      }
      const response = await app.inject(options);
      return {
        status: response.statusCode,
        headers: new Headers(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        ),
        text: response.body,
        json: () => response.json(),
      };
    },
    close: () => app.close(),
  };
}
