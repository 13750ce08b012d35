import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Settings } from './settings.ts';

/**
 * Writes one JSON object a line to stdout. Of an error only these fields are written: drivers
 * hang the values of a failed statement on theirs, and what people store is not for the log.
 */
export function createLogger(level: Settings['LOG_LEVEL']): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err: (error: unknown) =>
          error instanceof Error
            ? {
                type: error.name,
                message: error.message,
                code: 'code' in error ? error.code : undefined,
                stack: error.stack,
              }
            : { message: String(error) },
      },
    },
    // Every line is written at once; with a length of 0 `flush` would not wait for that.
    destination({ minLength: 1 }),
  );
}
