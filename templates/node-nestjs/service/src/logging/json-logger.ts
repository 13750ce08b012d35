import { Inject, Injectable, type LoggerService, type OnApplicationShutdown } from '@nestjs/common';
import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { SETTINGS, type Settings } from '../config/settings.js';
import { requestContext } from './request-context.js';

type Level = Settings['LOG_LEVEL'];

/** A text, an error, or an object of fields with its text in `msg`. */
type Message = string | Error | { msg: string; [field: string]: unknown };

/** Milliseconds that the last lines have to be written. */
const patience = 1_000;

/**
 * What Nest and every `Logger` write to: one JSON object a line on stdout, with the id of the
 * request that is being handled.
 */
@Injectable()
export class JsonLogger implements LoggerService, OnApplicationShutdown {
  private readonly pino: Logger;

  constructor(@Inject(SETTINGS) { LOG_LEVEL }: Pick<Settings, 'LOG_LEVEL'>) {
    this.pino = pino(
      {
        level: LOG_LEVEL,
        base: null,
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        mixin: () => ({ ...requestContext.getStore() }),
        serializers: { err: describeError },
      },
      // Every line is written at once; with a length of 0 `flush` would not wait for that.
      destination({ minLength: 1 }),
    );
  }

  verbose(message: Message, ...params: unknown[]): void {
    this.write('debug', message, params);
  }

  debug(message: Message, ...params: unknown[]): void {
    this.write('debug', message, params);
  }

  log(message: Message, ...params: unknown[]): void {
    this.write('info', message, params);
  }

  warn(message: Message, ...params: unknown[]): void {
    this.write('warn', message, params);
  }

  error(message: Message, ...params: unknown[]): void {
    this.write('error', message, params);
  }

  fatal(message: Message, ...params: unknown[]): void {
    this.write('error', message, params);
  }

  onApplicationShutdown(): Promise<void> {
    return this.flush();
  }

  /**
   * Waits until every line is written. Where nobody reads them the process would never end, so it
   * is killed.
   */
  async flush(): Promise<void> {
    const timer = setTimeout(() => process.kill(process.pid, 'SIGKILL'), patience);
    await new Promise((resolve) => {
      this.pino.flush(resolve);
    });
    clearTimeout(timer);
  }

  /** Nest passes the context last and, with an error, its stack before that. */
  private write(level: Level, message: Message, params: unknown[]): void {
    const context = params.at(-1);
    const fields =
      message instanceof Error
        ? { err: message, msg: message.message }
        : typeof message === 'string'
          ? { msg: message }
          : message;
    const stack = params.length > 1 ? { stack: params[0] } : {};
    this.pino[level]({ context, ...stack, ...fields });
  }
}

/**
 * Of an error only these fields are written: drivers hang the values of a failed statement on
 * theirs, and what people store is not for the log.
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  return { type: error.name, message: error.message, code, stack: error.stack };
}
