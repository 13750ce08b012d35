import type { Logger } from 'pino';
import { Client } from 'pg';
import { Unavailable } from '../problem.ts';
import type { Settings } from '../settings.ts';
import { type Spoken, spokenSchema } from './messages.ts';

/** Milliseconds between attempts to connect: at first, and at most. */
const backoff = { first: 100, most: 5_000 };

/** Milliseconds between checks of the connection: who only listens does not hear that it is lost. */
const checkInterval = 10_000;

interface BusOptions {
  /** Called when there may be new events. */
  changed: () => void;
  /** Called with what was said, here or in another process. */
  spoken: (message: Spoken) => void;
}

/** What all processes say to each other: one connection on which this one listens and speaks. */
class Bus {
  readonly #url: string;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #options: BusOptions;
  #client: Client | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #retries = 0;
  #retrying: NodeJS.Timeout | undefined;
  #checking: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;
  #closed = false;

  constructor(url: string, logger: Pick<Logger, 'warn'>, options: BusOptions) {
    this.#url = url;
    this.#logger = logger;
    this.#options = options;
  }

  /** Begins to listen, and goes on trying where that does not work at once. */
  start(): Promise<void> {
    return (this.#starting ??= this.#connect());
  }

  async publish(message: Spoken): Promise<void> {
    try {
      await this.#query("SELECT pg_notify('realtime', $1)", [JSON.stringify(message)]);
    } catch (cause) {
      throw new Unavailable('The database does not answer', { cause });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retrying);
    clearInterval(this.#checking);
    await this.#client?.end();
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      connectionTimeoutMillis: 3_000,
      query_timeout: 4_500,
      keepAlive: true,
    });
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === 'note_events') this.#options.changed();
      else this.#receive(payload);
    });
    // What is lost is found in the `end` that follows.
    client.on('error', () => {});
    client.once('end', () => this.#lost());
    try {
      await client.connect();
      await client.query('LISTEN note_events');
      await client.query('LISTEN realtime');
    } catch (error) {
      if (this.#retries === 0) this.#logger.warn({ err: error }, 'cannot listen to the database');
      await client.end();
      return;
    }
    if (this.#closed) {
      await client.end();
      return;
    }
    this.#client = client;
    this.#retries = 0;
    this.#checking = setInterval(() => {
      this.#query('SELECT 1').catch(() => {});
    }, checkInterval);
    // Something may have happened while nobody listened.
    this.#options.changed();
  }

  /** Runs one statement after the other: the connection takes one at a time. */
  #query(statement: string, values: string[] = []): Promise<unknown> {
    const done = this.#queue.then(async () => {
      const client = this.#client;
      if (client === undefined) throw new Error('There is no connection');
      try {
        return await client.query(statement, values);
      } catch (error) {
        // The next one would wait as long for a connection that is dead; a new one follows its end.
        void client.end();
        throw error;
      }
    });
    this.#queue = done.catch(() => {});
    return done;
  }

  #lost(): void {
    clearInterval(this.#checking);
    if (this.#closed) return;
    if (this.#client !== undefined) this.#logger.warn('the connection that listens is lost');
    this.#client = undefined;
    const delay = Math.min(backoff.first * 2 ** this.#retries, backoff.most);
    this.#retries += 1;
    this.#retrying = setTimeout(() => void this.#connect(), delay);
  }

  #receive(payload: string): void {
    let message: Spoken;
    try {
      message = spokenSchema.parse(JSON.parse(payload));
    } catch {
      // Whoever may connect to the database may say anything.
      this.#logger.warn('what another process says cannot be understood');
      return;
    }
    this.#options.spoken(message);
  }
}

export function openBus(
  settings: Settings,
  logger: Pick<Logger, 'warn'>,
  options: BusOptions,
): Bus {
  return new Bus(settings.DATABASE_URL, logger, options);
}
