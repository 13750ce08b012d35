import type { NoteEvent } from './note-event.ts';

/** Characters that may wait for someone who reads too slowly. */
export const patience = 1024 * 1024;

interface SubscriptionOptions {
  start: number;
  reset: boolean;
  backlog: AsyncIterable<NoteEvent>;
  onEnd: () => void;
}

/** The events after `start`, first those that are there already, then each as it comes. */
export class Subscription {
  /** The event after which it begins. */
  readonly start: number;
  /** Whether what was before `start` is not known any more. */
  readonly reset: boolean;
  readonly #backlog: AsyncIterable<NoteEvent>;
  readonly #onEnd: () => void;
  readonly #ending = new AbortController();
  #waiting: NoteEvent[] = [];
  #size = 0;
  #wake: (() => void) | undefined;

  constructor({ start, reset, backlog, onEnd }: SubscriptionOptions) {
    this.start = start;
    this.reset = reset;
    this.#backlog = backlog;
    this.#onEnd = onEnd;
  }

  /** Aborted at the end; the reason tells why. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  push(event: NoteEvent): void {
    // One event is never too much, however long it is.
    if (this.#size > 0 && this.#size + event.members.length > patience) {
      this.end('too slow');
      return;
    }
    this.#waiting.push(event);
    this.#size += event.members.length;
    this.#wake?.();
  }

  end(reason: 'left' | 'too slow' | 'closed'): void {
    if (this.signal.aborted) return;
    this.#waiting = [];
    this.#ending.abort(reason);
    this.#onEnd();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NoteEvent, void, undefined> {
    try {
      let sent = this.start;
      for await (const event of this.#backlog) {
        if (this.signal.aborted) return;
        sent = event.id;
        yield event;
      }
      while (!this.signal.aborted) {
        const event = this.#waiting.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else {
          this.#size -= event.members.length;
          if (event.id > sent) yield event;
        }
      }
    } finally {
      this.end('left');
    }
  }
}
