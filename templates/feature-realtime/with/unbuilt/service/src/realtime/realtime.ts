import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { Database } from '../db/database.ts';
import { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import { openBus } from './bus.ts';
import { Client } from './client.ts';
import { EventLog } from './event-log.ts';
import { Feed } from './feed.ts';
import { Hub } from './hub.ts';
import type { Subscription } from './subscription.ts';

/** Bytes of a message. */
const maxPayload = 16 * 1024;

interface RealtimeOptions {
  settings: Settings;
  database: Database;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** All that is pushed, from where it happens to those who watch. */
export class Realtime {
  readonly feed: Feed;
  readonly heartbeat: number;
  readonly #logger: RealtimeOptions['logger'];
  readonly #hub = new Hub();
  readonly #bus;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
  });
  readonly #beating: NodeJS.Timeout;
  #ended = false;

  constructor({ settings, database, logger }: RealtimeOptions) {
    this.#logger = logger;
    this.heartbeat = settings.HEARTBEAT_SECONDS * 1_000;
    this.feed = new Feed(new EventLog(database), logger);
    this.#bus = openBus(settings, logger, {
      changed: () => this.feed.wake(),
      spoken: (message) => this.#hub.deliver(message),
    });
    // Thrown through `handleUpgrade`, which would answer by itself and tell nobody.
    this.#sockets.on('wsClientError', ({ message }) => {
      throw new Problem(400, message);
    });
    this.#beating = setInterval(() => {
      for (const client of this.#hub.clients) client.ping();
    }, this.heartbeat);
  }

  /** Everything after `lastEventId`, or after now; rejects while the database does not answer. */
  async subscribe(lastEventId?: number): Promise<Subscription> {
    await this.#bus.start();
    return this.feed.subscribe(lastEventId);
  }

  /** Makes a WebSocket of a request; rejects when that is not possible. */
  async accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    await this.#bus.start();
    const lastEventId = await this.feed.lastEventId();
    this.#sockets.handleUpgrade(request, socket, head, (websocket) => {
      const client = new Client(websocket, {
        hub: this.#hub,
        feed: this.feed,
        speak: (message) => this.#bus.publish(message),
        logger: this.#logger,
      });
      this.#hub.add(client);
      websocket.once('close', () => this.#hub.remove(client));
      client.send(JSON.stringify({ type: 'welcome', client: client.id, lastEventId }));
      if (this.#ended) client.shutDown();
    });
  }

  /** Ends all streams and WebSockets at once, so that clients connect again elsewhere. */
  end(): void {
    this.#ended = true;
    clearInterval(this.#beating);
    this.feed.close();
    for (const client of this.#hub.clients) client.shutDown();
  }

  async close(): Promise<void> {
    this.end();
    await this.#bus.close();
  }
}
