import { type HttpExceptionOptions, ServiceUnavailableException } from '@nestjs/common';

/** The same request may work in so many seconds. */
export class RetryLaterException extends ServiceUnavailableException {
  constructor(
    message: string,
    readonly seconds = 1,
    options?: HttpExceptionOptions,
  ) {
    super(message, options);
  }
}
