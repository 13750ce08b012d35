import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  ServiceUnavailableException,
} from '@nestjs/common';
import { race, take, timer } from 'rxjs';
import { BusService } from './bus.service.js';
import { type NoteEvent, type StoredEvent, toNoteEvent } from './note-event.js';
import { NoteEventsRepository } from './note-events.repository.js';
import { Subscription } from './subscription.js';

/** Events that are read at once. */
const page = 100;

/** Milliseconds after which the reader looks for events although nothing has woken it. */
const interval = 1_000;

/**
 * Reads the events and hands each to everyone who has subscribed, in order of their ids. There is
 * one reader, which works while someone watches.
 */
@Injectable()
export class FeedService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(FeedService.name);
  private readonly subscriptions = new Set<Subscription>();
  /** All events up to this one have been handed on. */
  private position = 0;
  private reading = false;
  private woken = false;
  private closed = false;
  /** Runs what belongs to no request, although one has begun it. */
  private readonly detached = AsyncLocalStorage.snapshot();

  constructor(
    private readonly events: NoteEventsRepository,
    private readonly bus: BusService,
  ) {
    bus.changed.subscribe(() => (this.woken = true));
  }

  /** The id of the newest event. */
  async lastEventId(): Promise<number> {
    this.bus.start();
    return (await this.events.bounds()).last;
  }

  /** Everything after `lastEventId`, or after now; rejects while the database does not answer. */
  async subscribe(lastEventId?: number): Promise<Subscription> {
    this.bus.start();
    const { first, last } = await this.events.bounds();
    if (!this.reading) this.position = last;
    const reset = lastEventId !== undefined && (lastEventId > last || lastEventId < first - 1);
    const start = lastEventId === undefined || reset ? Math.max(last, this.position) : lastEventId;
    const subscription = new Subscription({
      start,
      reset,
      backlog: this.backlog(start, this.position),
      onEnd: () => this.subscriptions.delete(subscription),
    });
    if (this.closed) {
      subscription.end('shutting down');
      return subscription;
    }
    this.subscriptions.add(subscription);
    if (!this.reading) void this.detached(() => this.read());
    return subscription;
  }

  /** Ends all subscriptions, and those that are still to come. */
  beforeApplicationShutdown(): void {
    this.closed = true;
    for (const subscription of this.subscriptions) subscription.end('shutting down');
    this.bus.changed.next();
  }

  private async *backlog(start: number, end: number): AsyncGenerator<NoteEvent> {
    for (let position = start; position < end;) {
      const events = await this.events.after(position, page);
      if (await this.isBehind(position, events)) {
        throw new ServiceUnavailableException('What followed is not kept any more');
      }
      yield* events.map(toNoteEvent);
      position = events.at(-1)?.id ?? end;
    }
  }

  /** Whether some of what came between `position` and these is not kept any more. */
  private async isBehind(position: number, [next]: StoredEvent[]): Promise<boolean> {
    // An id is left out as well where a change was rolled back.
    if (next === undefined || next.id === position + 1) return false;
    return (await this.events.bounds()).first > position + 1;
  }

  private async read(): Promise<void> {
    this.reading = true;
    let failing = false;
    while (this.subscriptions.size > 0) {
      this.woken = false;
      try {
        while (await this.readPage());
        if (failing) this.logger.log('events are read again');
        failing = false;
      } catch (error) {
        if (!failing) this.logger.warn({ msg: 'events cannot be read', err: error });
        failing = true;
      }
      if (!this.woken) await this.pause();
    }
    this.reading = false;
  }

  /** Hands on the next events; tells whether there may be more. */
  private async readPage(): Promise<boolean> {
    const events = await this.events.after(this.position, page);
    if (await this.isBehind(this.position, events)) {
      // Whoever comes again is told to read the notes anew.
      for (const subscription of this.subscriptions) subscription.end('too slow');
    }
    for (const stored of events) {
      const event = toNoteEvent(stored);
      this.position = event.id;
      for (const subscription of this.subscriptions) subscription.push(event);
      // Who reads quickly has this one before the next one comes.
      await setImmediate();
    }
    return events.length === page;
  }

  private async pause(): Promise<void> {
    await new Promise((resolve) => {
      race(this.bus.changed, timer(interval)).pipe(take(1)).subscribe(resolve);
    });
  }
}
