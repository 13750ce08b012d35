import type { Logger } from 'pino';
import type { Realtime } from '../realtime/realtime.ts';
import type { Ml } from './ml.ts';

/** Pushes each prediction, and whether predictions can be made, to everyone who is connected. */
export function announce(ml: Ml, realtime: Realtime, logger: Pick<Logger, 'warn'>): void {
  ml.on('predicted', ({ modelVersion, predictions }, { requestId }) => {
    const message = {
      type: 'prediction',
      requestId,
      modelVersion,
      // A message between processes has to be short: not every score of each prediction.
      predictions: predictions.map(({ label, scores }) => ({
        label,
        probability: scores.find((score) => score.label === label)?.probability ?? 0,
      })),
      at: new Date().toISOString(),
    } as const;
    // Whoever asked has the answer, whether or not others see it.
    realtime.publish(message).catch((error: unknown) => {
      logger.warn({ err: error, requestId }, 'a prediction is not pushed');
    });
  });
  // Of this process alone: another one may find that its own calls work.
  ml.on('state', (state) => realtime.tell({ type: 'ml', state }));
}
