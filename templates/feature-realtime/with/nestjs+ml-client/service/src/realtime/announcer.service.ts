import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Caller } from '../ml/caller.decorator.js';
import type { PredictionResponse } from '../ml/contract/types.gen.js';
import { MlService } from '../ml/ml.service.js';
import { BusService } from './bus.service.js';
import { HubService } from './hub.service.js';

/** Pushes each prediction, and whether predictions can be made, to everyone who is connected. */
@Injectable()
export class AnnouncerService implements OnApplicationBootstrap {
  private readonly logger = new Logger(AnnouncerService.name);

  constructor(
    private readonly ml: MlService,
    private readonly bus: BusService,
    private readonly hub: HubService,
  ) {}

  onApplicationBootstrap(): void {
    this.bus.start();
    this.ml.predicted.subscribe(({ response, caller }) => void this.announce(response, caller));
    // Of this process alone: another one may find that its own calls work.
    this.ml.changes.subscribe((state) => this.hub.tell({ type: 'ml', state }));
  }

  /** Whoever asked has the answer, whether or not others see it. */
  private async announce(response: PredictionResponse, { requestId }: Caller): Promise<void> {
    try {
      await this.bus.publish({
        type: 'prediction',
        requestId,
        modelVersion: response.modelVersion,
        // A message between processes has to be short: not every score of each prediction.
        predictions: response.predictions.map(({ label, scores }) => ({
          label,
          probability: scores.find((score) => score.label === label)?.probability ?? 0,
        })),
        at: new Date().toISOString(),
      });
    } catch (error) {
      this.logger.warn({ msg: 'a prediction is not pushed', err: error });
    }
  }
}
