import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { Problem } from '../problem.ts';
import type { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import { type ClientRequest, parseRequest, Refusal, type Spoken } from './messages.ts';
import { patience, type Subscription } from './subscription.ts';

const mostRooms = 20;

/** Milliseconds for the answer to the end of the service, after which the connection is cut. */
const lastPatience = 500;

interface ClientOptions {
  hub: Hub;
  feed: Feed;
  /** Says something to a room or a client, wherever they are. */
  speak: (message: Spoken) => Promise<void>;
  logger: Pick<Logger, 'error'>;
}

/** One WebSocket, and what its client has asked for. */
export class Client {
  readonly id = randomUUID();
  readonly rooms = new Set<string>();
  readonly #socket: WebSocket;
  readonly #hub: Hub;
  readonly #feed: Feed;
  readonly #speak: ClientOptions['speak'];
  readonly #logger: ClientOptions['logger'];
  #subscription: Subscription | undefined;
  /** The work on what was said so far: each message waits for the one before it. */
  #work: Promise<void> = Promise.resolve();
  /** How much of that is still to do. */
  #unanswered = 0;
  #alive = true;

  constructor(socket: WebSocket, { hub, feed, speak, logger }: ClientOptions) {
    this.#socket = socket;
    this.#hub = hub;
    this.#feed = feed;
    this.#speak = speak;
    this.#logger = logger;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => (this.#alive = true));
    // What is wrong with a frame also closes the connection, with a code that says it.
    socket.on('error', () => {});
    socket.on('close', () => this.#subscription?.end('left'));
  }

  /** Sends a message that is JSON already. */
  send(message: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > patience) this.close(1013, 'too slow');
    else this.#socket.send(message);
  }

  /** Asks for a sign of life; without one since the last time the connection is cut. */
  ping(): void {
    if (!this.#alive) this.#socket.terminate();
    this.#alive = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#subscription?.end('left');
    this.#socket.close(code, reason);
  }

  shutDown(): void {
    this.close(1001, 'shutting down');
    setTimeout(() => this.#socket.terminate(), lastPatience).unref();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (isBinary || !Buffer.isBuffer(data)) {
      this.close(1003, 'text only');
      return;
    }
    // Nothing more is read until all of it is answered, so that nothing piles up.
    this.#unanswered += 1;
    this.#socket.pause();
    this.#work = this.#work.then(() => this.#answer(data.toString()));
  }

  async #answer(data: string): Promise<void> {
    try {
      await this.#handle(parseRequest(data));
    } catch (error) {
      this.#say({ type: 'error', detail: this.#describe(error) });
    } finally {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) this.#socket.resume();
    }
  }

  #describe(error: unknown): string {
    if (error instanceof Refusal || error instanceof Problem) return error.message;
    this.#logger.error({ err: error }, 'message failed');
    return 'This is a fault of the service';
  }

  #say(message: object): void {
    this.send(JSON.stringify(message));
  }

  async #handle(request: ClientRequest): Promise<void> {
    switch (request.type) {
      case 'subscribe':
        return this.#subscribe(request.lastEventId);
      case 'unsubscribe':
        this.#subscription?.end('left');
        this.#subscription = undefined;
        return this.#say({ type: 'unsubscribed' });
      case 'join':
        if (!this.rooms.has(request.room) && this.rooms.size === mostRooms) {
          throw new Refusal(`A client may be in ${mostRooms} rooms`);
        }
        this.#hub.join(this, request.room);
        return this.#say({ type: 'joined', room: request.room });
      case 'leave':
        this.#hub.leave(this, request.room);
        return this.#say({ type: 'left', room: request.room });
      case 'chat': {
        const { room, text } = request;
        if (!this.rooms.has(room)) throw new Refusal('Join the room before you speak in it');
        return this.#speak({ type: 'chat', room, from: this.id, text, at: now() });
      }
      case 'notify': {
        const { to, text } = request;
        return this.#speak({ type: 'notification', to, from: this.id, text, at: now() });
      }
      case 'ping':
        return this.#say({ type: 'pong' });
    }
  }

  async #subscribe(lastEventId: number | undefined): Promise<void> {
    const subscription = await this.#feed.subscribe(lastEventId);
    this.#subscription?.end('left');
    this.#subscription = subscription;
    if (this.#socket.readyState !== this.#socket.OPEN) {
      subscription.end('left');
      return;
    }
    const type = subscription.reset ? 'reset' : 'subscribed';
    this.#say({ type, lastEventId: subscription.start });
    void this.#follow(subscription);
  }

  async #follow(subscription: Subscription): Promise<void> {
    subscription.signal.addEventListener('abort', () => {
      if (subscription.signal.reason === 'too slow') this.close(1013, 'too slow');
    });
    try {
      for await (const { members } of subscription) {
        if (subscription.signal.aborted) return;
        // One at a time: what waits is counted by the subscription.
        await new Promise((resolve) => {
          this.#socket.send(`{"type":"change",${members}}`, resolve);
        });
      }
    } catch (error) {
      if (!(error instanceof Problem)) this.#logger.error({ err: error }, 'subscription failed');
      this.close(1013, 'changes cannot be read');
    }
  }
}

const now = () => new Date().toISOString();
