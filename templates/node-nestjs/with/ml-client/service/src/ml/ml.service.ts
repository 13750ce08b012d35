import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { Caller } from './caller.decorator.js';
import type { PredictionRequest, PredictionResponse } from './contract/types.gen.js';
import { MlClient } from './ml.client.js';

/** Milliseconds between two looks at whether the model can be asked. */
const interval = 2_000;

/** `down` means that predictions are refused, or would be. */
export type MlState = 'up' | 'down';

/** What was predicted, and for whom. */
interface Predicted {
  response: PredictionResponse;
  caller: Caller;
}

/** The service with the model, as this process sees it. */
@Injectable()
export class MlService implements OnModuleInit, OnApplicationShutdown {
  readonly predicted = new Subject<Predicted>();
  /** Each change of the state. */
  readonly changes = new Subject<MlState>();
  state: MlState = 'down';
  private readonly logger = new Logger(MlService.name);
  private readonly closing = new AbortController();
  private looking?: NodeJS.Timeout;
  private isReady = false;

  constructor(private readonly client: MlClient) {}

  onModuleInit(): void {
    this.looking = setInterval(() => void this.look(), interval).unref();
    void this.look();
  }

  /** Throws one of Nest's HTTP exceptions where there is no prediction. */
  async predict(request: PredictionRequest, caller: Caller): Promise<PredictionResponse> {
    try {
      const response = await this.client.predict(request, caller);
      this.isReady = true;
      this.predicted.next({ response, caller });
      return response;
    } finally {
      this.update();
    }
  }

  onApplicationShutdown(): void {
    clearInterval(this.looking);
    this.closing.abort();
  }

  private async look(): Promise<void> {
    const isReady = await this.client.isReady(this.closing.signal);
    if (this.closing.signal.aborted) return;
    this.isReady = isReady;
    this.update();
  }

  private update(): void {
    const state = this.isReady && !this.client.isPausing ? 'up' : 'down';
    if (state === this.state) return;
    this.state = state;
    if (state === 'up') this.logger.log('predictions can be made');
    else this.logger.warn('predictions cannot be made at the moment');
    this.changes.next(state);
  }
}
