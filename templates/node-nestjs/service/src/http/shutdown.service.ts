import type { Server } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { JsonLogger } from '../logging/json-logger.js';

/**
 * Milliseconds after which a request that has not finished is cut off, then whatever else holds
 * up the end: orchestrators kill after ten seconds.
 */
const patience = 8_000;
const limit = 8_500;

/**
 * While Nest waits for the requests in flight: closes the connections that are idle by then, and
 * in the end all others.
 */
@Injectable()
export class ShutdownService implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger(ShutdownService.name);
  private idle?: NodeJS.Timeout;
  private cutOff?: NodeJS.Timeout;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly log: JsonLogger,
  ) {}

  beforeApplicationShutdown(signal?: string): void {
    this.logger.log({ msg: 'closing', signal });
    const server: Server = this.adapterHost.httpAdapter.getHttpServer();
    // A connection that is busy now is idle, and could be kept open, once its answer is out.
    this.idle = setInterval(() => server.closeIdleConnections(), 100);
    this.cutOff = setTimeout(() => {
      this.logger.warn('cutting off the requests that have not finished');
      server.closeAllConnections();
    }, patience);
    if (signal !== undefined) setTimeout(() => this.giveUp(), limit);
  }

  onApplicationShutdown(): void {
    clearInterval(this.idle);
    clearTimeout(this.cutOff);
  }

  private async giveUp(): Promise<void> {
    this.logger.error('closing takes too long');
    await this.log.flush();
    process.exit(1);
  }
}
