import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, WebSocket } from 'ws';

/** Milliseconds for what has to come. */
const limit = 20_000;

interface StreamEvent {
  id: number;
  event: string;
  data: string;
}

/** A list that is read while it is written. */
class Mailbox<T> {
  readonly #waiting: T[] = [];
  #notify: (() => void) | undefined;

  put(item: T): void {
    this.#waiting.push(item);
    this.#notify?.();
  }

  async take(): Promise<T> {
    const deadline = AbortSignal.timeout(limit);
    for (;;) {
      const item = this.#waiting.shift();
      if (item !== undefined) return item;
      deadline.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(limit);
  while (!(await isSo())) {
    deadline.throwIfAborted();
    await sleep(50);
  }
}

/** Opens the stream of events and reads it. */
export async function openStream(url: string, lastEventId?: number | string) {
  const leaving = new AbortController();
  const response = await fetch(`${url}/api/notes/events`, {
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) },
    signal: leaving.signal,
  });
  const events = new Mailbox<StreamEvent>();
  const comments = new Mailbox<string>();
  const read = async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const match = /^id: (\d+)\nevent: ([^\n]+)\ndata: ([^\n]+)$/.exec(block);
        if (match === null) comments.put(block);
        else events.put({ id: Number(match[1]), event: match[2] ?? '', data: match[3] ?? '' });
      }
    }
  };
  return {
    response,
    /** Resolves when the service has ended the stream. */
    ended: response.ok ? read().catch(() => {}) : Promise.resolve(),
    next: () => events.take(),
    comment: () => comments.take(),
    leave: () => leaving.abort(),
  };
}

/** Opens a WebSocket and reads what comes. */
export async function openSocket(url: string, options: ClientOptions = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, options);
  const messages = new Mailbox<string>();
  socket.on('message', (data: Buffer) => messages.put(data.toString()));
  await once(socket, 'open');
  // A connection that breaks is closed as well.
  socket.on('error', () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const next = async (): Promise<Record<string, any>> => JSON.parse(await messages.take());
  const welcome = await next();
  return {
    welcome,
    id: String(welcome['client']),
    socket,
    closed,
    next,
    /** The next message as it was sent. */
    text: () => messages.take(),
    say: (message: object) => socket.send(JSON.stringify(message)),
    /** Says something and returns the next message. */
    ask: (message: object | string) => {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
      return next();
    },
    close: async () => {
      socket.close();
      await closed;
    },
  };
}
