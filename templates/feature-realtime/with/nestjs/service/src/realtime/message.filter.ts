import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import type { Problem } from '../http/problem.js';
import { Client } from './client.js';

/** Every exception of a handler of messages ends here and leaves as a message. */
@Catch()
export class MessageFilter implements ExceptionFilter {
  private readonly logger = new Logger(MessageFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const client = Client.of(host.switchToWs().getClient());
    client.send(JSON.stringify({ type: 'error', detail: this.describe(exception) }));
  }

  private describe(exception: unknown): string {
    if (exception instanceof WsException) return exception.message;
    if (exception instanceof HttpException) {
      const body = exception.getResponse();
      const { errors }: Pick<Problem, 'errors'> = typeof body === 'object' ? body : {};
      return (
        errors?.map(({ field, detail }) => `${field}: ${detail}`).join('; ') ?? exception.message
      );
    }
    this.logger.error({ msg: 'message failed', err: exception });
    return 'This is a fault of the service; its log has more';
  }
}
