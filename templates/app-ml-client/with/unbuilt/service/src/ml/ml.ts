import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Settings } from '../settings.ts';
import type { Caller } from './caller.ts';
import { MlClient } from './client.ts';
import type { PredictionRequest, PredictionResponse } from './contract/types.gen.ts';

/** Milliseconds between two looks at whether the model can be asked. */
const interval = 2_000;

/** `down` means that predictions are refused, or would be. */
export type MlState = 'up' | 'down';

interface MlEvents {
  predicted: [response: PredictionResponse, caller: Caller];
  state: [state: MlState];
}

/** The service with the model, as this process sees it. */
export class Ml extends EventEmitter<MlEvents> {
  readonly #client: MlClient;
  readonly #logger: Pick<Logger, 'info' | 'warn'>;
  readonly #closing = new AbortController();
  readonly #looking: NodeJS.Timeout;
  #isReady = false;
  #state: MlState = 'down';

  constructor(settings: Settings, logger: Pick<Logger, 'info' | 'warn'>) {
    super();
    this.#client = new MlClient(settings);
    this.#logger = logger;
    this.#looking = setInterval(() => void this.#look(), interval).unref();
    void this.#look();
  }

  get state(): MlState {
    return this.#state;
  }

  /** Throws a `Problem` where there is no prediction. */
  async predict(request: PredictionRequest, caller: Caller): Promise<PredictionResponse> {
    try {
      const response = await this.#client.predict(request, caller);
      this.#isReady = true;
      this.emit('predicted', response, caller);
      return response;
    } finally {
      this.#update();
    }
  }

  close(): void {
    clearInterval(this.#looking);
    this.#closing.abort();
  }

  async #look(): Promise<void> {
    const isReady = await this.#client.isReady(this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    this.#isReady = isReady;
    this.#update();
  }

  #update(): void {
    const state = this.#isReady && !this.#client.isPausing ? 'up' : 'down';
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'up') this.#logger.info('predictions can be made');
    else this.#logger.warn('predictions cannot be made at the moment');
    this.emit('state', state);
  }
}
