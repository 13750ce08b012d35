import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds for what has to come. */
const limit = 20_000;

/** One of the examples that both services have agreed on. */
export function example(name: string): any {
  const file = new URL(`../../../contracts/examples/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What the stand-in was asked. */
interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: any;
  /** Whether whoever asked has left before there was an answer. */
  left: boolean;
}

/** Sends an answer of a kind that the stand-in is not there for. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': type, ...headers }).end(body);
}

/** What a service with a model answers, made from the example. */
function predict(response: ServerResponse, { body }: Asked): void {
  const { modelVersion, predictions } = example('PredictionResponse');
  const answer = {
    modelVersion,
    predictions: body.inputs.map((_: unknown, i: number) => predictions[i % predictions.length]),
  };
  send(response, 200, 'application/json', JSON.stringify(answer));
}

/** Stands in for the service with the model; what it does can be changed while it runs. */
export async function startMl(port = 0) {
  const ml = {
    url: '',
    port,
    asked: [] as Asked[],
    connections: 0,
    isReady: true,
    respond: predict,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  const server = createServer(async (request, response) => {
    if (request.url === '/readyz') {
      if (ml.isReady) send(response, 200, 'application/json', '{"status":"ok","checks":{}}');
      else send(response, 503, 'application/problem+json', JSON.stringify(example('NotReady')));
      return;
    }
    const asked: Asked = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(await text(request)),
      left: false,
    };
    response.once('close', () => (asked.left = !response.writableFinished));
    ml.asked.push(asked);
    ml.respond(response, asked);
  });
  server.on('connection', () => (ml.connections += 1));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  ml.port = address.port;
  ml.url = `http://127.0.0.1:${address.port}`;
  return ml;
}

export type StandIn = Awaited<ReturnType<typeof startMl>>;

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(limit);
  while (!(await isSo())) {
    deadline.throwIfAborted();
    await sleep(20);
  }
}
