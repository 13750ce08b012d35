import { on, once } from 'node:events';
import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** Opens the stream of events, until the end of the test. */
export async function openStream(url: string, lastEventId?: number) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(`${url}/api/notes/events`, {
    signal: leaving.signal,
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) },
  });
  const frames = readFrames(response);
  const nextFrame = async () => (await frames.next()).value;
  const nextEvent = async () => {
    for (;;) {
      const frame = await nextFrame();
      if (frame !== ': ping') return frame;
    }
  };
  return {
    response,
    leave: () => leaving.abort(),
    /** What comes next, as it is; undefined at the end. */
    nextFrame,
    /** The same without signs of life. */
    nextEvent,
    /** The next event, taken apart. */
    next: async () => {
      const frame = (await nextEvent()) ?? '';
      const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      if (data === undefined) throw new Error(`No event: ${frame}`);
      return { id: Number(id), event, data: JSON.parse(data) };
    },
  };
}

async function* readFrames({ body }: Response): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + chunk).split('\n\n');
    rest = frames.pop() ?? '';
    yield* frames;
  }
  return undefined;
}

/** Opens a WebSocket, until the end of the test. */
export async function openSocket(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  onTestFinished(() => socket.close());
  const messages = on(socket, 'message');
  const closing = once(socket, 'close');
  const next = async () => {
    const { value } = await messages.next();
    return JSON.parse(value?.[0].data);
  };
  const { client, lastEventId } = await next();
  return {
    client,
    lastEventId,
    next,
    say: (message: object) => socket.send(JSON.stringify(message)),
    send: (data: string | Uint8Array<ArrayBuffer>) => socket.send(data),
    /** Says it and returns what is answered. */
    ask: (message: object) => {
      socket.send(JSON.stringify(message));
      return next();
    },
    closed: async () => {
      const [{ code, reason }] = await closing;
      return { code, reason };
    },
  };
}

const handshake = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

/** Asks for a WebSocket; what comes of it is the status. */
export async function upgrade(url: string, headers: OutgoingHttpHeaders = {}) {
  const asking = request(url, { headers: { ...handshake, ...headers } }).end();
  const { response, socket } = await answerTo(asking);
  socket?.destroy();
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    requestId: response.headers['x-request-id'],
    body: socket === undefined ? await text(response) : '',
  };
}

/** A WebSocket at which nobody reads, and so nobody answers. */
export async function openDeafSocket(url: string): Promise<Duplex> {
  const { socket } = await answerTo(request(`${url}/ws`, { headers: handshake }).end());
  if (socket === undefined) throw new Error('refused');
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => {});
  return socket;
}

/** A short message in a frame as clients send it; with the mask 0 it stays as it is. */
export function frameOf(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

async function answerTo(asking: ClientRequest) {
  return new Promise<{ response: IncomingMessage; socket?: Duplex }>((resolve, reject) => {
    asking.once('response', (response) => resolve({ response }));
    asking.once('upgrade', (response, socket) => resolve({ response, socket }));
    asking.once('error', reject);
  });
}
