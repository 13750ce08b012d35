import type { NoteEvent } from './note-event.js';

/** How much may wait for someone who reads too slowly. */
export const patience = 1024 * 1024;

type End = 'left' | 'too slow' | 'shutting down';

interface SubscriptionOptions {
  start: number;
  reset: boolean;
  backlog: AsyncIterable<NoteEvent>;
  onEnd: () => void;
}

/** The events after `start`: those that are there already, then each as it comes. */
export class Subscription {
  /** The event after which it begins. */
  readonly start: number;
  /** Whether it is unknown what followed the event after which it should have begun. */
  readonly reset: boolean;
  private readonly backlog: AsyncIterable<NoteEvent>;
  private readonly onEnd: () => void;
  private readonly ending = new AbortController();
  private waiting: NoteEvent[] = [];
  private size = 0;
  private wake: (() => void) | undefined;

  constructor({ start, reset, backlog, onEnd }: SubscriptionOptions) {
    this.start = start;
    this.reset = reset;
    this.backlog = backlog;
    this.onEnd = onEnd;
  }

  /** Aborted at the end, with an `End` as the reason. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  push(event: NoteEvent): void {
    // A single event is never too much.
    if (this.size > 0 && this.size + event.members.length > patience) {
      this.end('too slow');
      return;
    }
    this.waiting.push(event);
    this.size += event.members.length;
    this.wake?.();
  }

  end(reason: End): void {
    if (this.signal.aborted) return;
    this.waiting = [];
    this.ending.abort(reason);
    this.onEnd();
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NoteEvent, void, undefined> {
    let sent = this.start;
    for await (const event of this.backlog) {
      if (this.signal.aborted) return;
      sent = event.id;
      yield event;
    }
    while (!this.signal.aborted) {
      const event = this.waiting.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      } else {
        this.size -= event.members.length;
        if (event.id > sent) yield event;
      }
    }
  }
}
