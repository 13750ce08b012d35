import type { Settings } from '../settings.ts';
import type { Spoken } from './messages.ts';

interface BusOptions {
  /** Called when there may be new events. */
  changed: () => void;
  /** Called with what was said. */
  spoken: (message: Spoken) => void;
}

/** What this process says to itself: with SQLite there is no other that serves. */
class Bus {
  readonly #spoken: BusOptions['spoken'];

  constructor({ spoken }: BusOptions) {
    this.#spoken = spoken;
  }

  async start(): Promise<void> {}

  async publish(message: Spoken): Promise<void> {
    this.#spoken(message);
  }

  async close(): Promise<void> {}
}

export function openBus(_settings: Settings, _logger: object, options: BusOptions): Bus {
  return new Bus(options);
}
