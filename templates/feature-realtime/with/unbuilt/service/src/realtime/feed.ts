import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Unavailable } from '../problem.ts';
import { type EventLog, type NoteEvent, type StoredEvent, toNoteEvent } from './note-event.ts';
import { Subscription } from './subscription.ts';

/** Events that are read at once. */
const page = 100;

/** Milliseconds after which the reader looks for events although nothing has woken it. */
const interval = 1_000;

/**
 * Reads the events and hands each to everyone who has subscribed, in order of their ids. There is
 * one reader, and it works while someone watches.
 */
export class Feed {
  readonly #log: EventLog;
  readonly #logger: Pick<Logger, 'warn' | 'info'>;
  readonly #subscriptions = new Set<Subscription>();
  /** All events up to this one have been handed on. */
  #position = 0;
  #reading = false;
  #closed = false;
  #woken = false;
  #wake: (() => void) | undefined;

  constructor(log: EventLog, logger: Pick<Logger, 'warn' | 'info'>) {
    this.#log = log;
    this.#logger = logger;
  }

  /** The id of the newest event. */
  async lastEventId(): Promise<number> {
    return (await this.#log.bounds()).last;
  }

  /** Everything after `lastEventId`, or after now; rejects when the database does not answer. */
  async subscribe(lastEventId?: number): Promise<Subscription> {
    const { first, last } = await this.#log.bounds();
    if (!this.#reading) this.#position = last;
    const reset = lastEventId !== undefined && (lastEventId > last || lastEventId < first - 1);
    const start = lastEventId === undefined || reset ? Math.max(last, this.#position) : lastEventId;
    const subscription = new Subscription({
      start,
      reset,
      backlog: this.#backlog(start, this.#position),
      onEnd: () => this.#subscriptions.delete(subscription),
    });
    if (this.#closed) {
      subscription.end('closed');
      return subscription;
    }
    this.#subscriptions.add(subscription);
    if (!this.#reading) void this.#read();
    return subscription;
  }

  /** Tells the reader that there may be something new. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Ends all subscriptions, and those that are still to come. */
  close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.end('closed');
    this.wake();
  }

  async *#backlog(start: number, end: number): AsyncGenerator<NoteEvent> {
    for (let position = start; position < end;) {
      const events = await this.#log.after(position, page);
      if (await this.#isBehind(position, events)) {
        throw new Unavailable('What followed is not kept any more');
      }
      yield* events.map(toNoteEvent);
      position = events.at(-1)?.id ?? end;
    }
  }

  /** Whether some of what came between `position` and these is not kept any more. */
  async #isBehind(position: number, [next]: StoredEvent[]): Promise<boolean> {
    // An id is left out as well where a change was rolled back.
    if (next === undefined || next.id === position + 1) return false;
    return (await this.#log.bounds()).first > position + 1;
  }

  async #read(): Promise<void> {
    this.#reading = true;
    let failing = false;
    while (this.#subscriptions.size > 0) {
      this.#woken = false;
      try {
        while (await this.#readPage());
        if (failing) this.#logger.info('events are read again');
        failing = false;
      } catch (error) {
        if (!failing) this.#logger.warn({ err: error }, 'events cannot be read');
        failing = true;
      }
      await this.#pause();
    }
    this.#reading = false;
  }

  /** Hands on the next events; tells whether there may be more. */
  async #readPage(): Promise<boolean> {
    const events = await this.#log.after(this.#position, page);
    if (await this.#isBehind(this.#position, events)) {
      // Whoever comes again is told to read the notes anew.
      for (const subscription of this.#subscriptions) subscription.end('too slow');
    }
    for (const stored of events) {
      const event = toNoteEvent(stored);
      this.#position = event.id;
      for (const subscription of this.#subscriptions) subscription.push(event);
      // Who reads quickly has this one before the next one comes.
      await setImmediate();
    }
    return events.length === page;
  }

  async #pause(): Promise<void> {
    if (this.#woken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, interval);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
