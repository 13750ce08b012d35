import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage } from 'node:http';
import { text as read } from 'node:stream/consumers';
import { createApp } from '../src/app.ts';
import { openDatabase } from '../src/db/database.ts';
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

/** Starts the application on a port that is free. */
export async function startService(env: NodeJS.ProcessEnv): Promise<Service> {
  const settings = readSettings(env);
  const logger = createLogger('error');
  logger.level = 'silent';
  const database = openDatabase(settings);
  const server = createServer(createApp({ settings, logger, database }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    // Not fetch, which does not send every header and path as it is.
    request: async (method, path, { headers = {}, body, json } = {}) => {
      const type: Record<string, string> =
        json === undefined ? {} : { 'content-type': 'application/json' };
      const payload = json === undefined ? body : JSON.stringify(json);
      const sent = send({
        host: '127.0.0.1',
        port: address.port,
        method,
        path,
        headers: { ...headers, ...type, 'content-length': Buffer.byteLength(payload ?? '') },
      });
      sent.end(payload);
      const [response]: IncomingMessage[] = await once(sent, 'response');
      if (response === undefined) throw new Error('no answer');
      const text = await read(response);
      return {
        status: response.statusCode ?? 0,
        headers: new Headers(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        ),
        text,
        json: () => JSON.parse(text),
      };
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await database.close();
    },
  };
}
