import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  ServiceUnavailableException,
} from '@nestjs/common';
import { Client } from 'pg';
import { Subject } from 'rxjs';
import { SETTINGS, type Settings } from '../config/settings.js';
import { limits } from '../database/limits.js';
import { type Spoken, spokenSchema } from './messages.js';

/** Milliseconds between attempts to connect. */
const shortest = 100;
const longest = 5_000;

/** Milliseconds between checks of the connection: who only listens does not hear that it is lost. */
const checkInterval = 10_000;

/** What all processes say to each other: one connection on which this one listens and speaks. */
@Injectable()
export class BusService implements OnApplicationShutdown {
  /** There may be new events. */
  readonly changed = new Subject<void>();
  readonly spoken = new Subject<Spoken>();
  private readonly logger = new Logger(BusService.name);
  private client: Client | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private delay = shortest;
  private retrying?: NodeJS.Timeout;
  private checking?: NodeJS.Timeout;
  private closed = false;
  /** The connection belongs to no request, although one has asked for it first. */
  private readonly detached = AsyncLocalStorage.snapshot();
  private connecting: Promise<void> | undefined;

  constructor(@Inject(SETTINGS) private readonly settings: Pick<Settings, 'DATABASE_URL'>) {}

  /** Begins to listen; what cannot be heard yet is made up for later. */
  start(): void {
    this.connecting ??= this.detached(() => this.connect());
  }

  async publish(message: Spoken): Promise<void> {
    try {
      await this.query("SELECT pg_notify('realtime', $1)", [JSON.stringify(message)]);
    } catch (cause) {
      throw new ServiceUnavailableException('The database does not answer', { cause });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retrying);
    clearInterval(this.checking);
    await this.client?.end();
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.settings.DATABASE_URL,
      keepAlive: true,
      ...limits,
    });
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === 'realtime') this.hear(payload);
      else this.changed.next();
    });
    // What is lost is noticed by the `end` that follows.
    client.on('error', () => {});
    client.once('end', () => this.reconnect());
    try {
      await client.connect();
      await client.query('LISTEN note_events; LISTEN realtime');
    } catch (error) {
      if (this.delay === shortest) {
        this.logger.warn({ msg: 'cannot listen to the database', err: error });
      }
      await client.end();
      return;
    }
    if (this.closed) {
      await client.end();
      return;
    }
    this.client = client;
    this.delay = shortest;
    this.checking = setInterval(() => {
      this.query('SELECT 1').catch(() => {});
    }, checkInterval);
    // Something may have happened while nobody listened.
    this.changed.next();
  }

  /** Runs one statement after the other: the connection takes one at a time. */
  private query(statement: string, values: string[] = []): Promise<unknown> {
    const done = this.queue.then(async () => {
      const { client } = this;
      if (client === undefined) throw new Error('not connected');
      try {
        return await client.query(statement, values);
      } catch (error) {
        // The next one would wait as long for a connection that is dead; a new one follows its end.
        void client.end();
        throw error;
      }
    });
    this.queue = done.catch(() => {});
    return done;
  }

  private reconnect(): void {
    clearInterval(this.checking);
    if (this.closed) return;
    if (this.client !== undefined) this.logger.warn('the connection that listens is lost');
    this.client = undefined;
    this.retrying = setTimeout(() => void this.connect(), this.delay);
    this.delay = Math.min(2 * this.delay, longest);
  }

  private hear(payload: string): void {
    try {
      this.spoken.next(spokenSchema.parse(JSON.parse(payload)));
    } catch (error) {
      this.logger.warn({ msg: 'another process says what is not known', err: error });
    }
  }
}
