import type { Server } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Milliseconds that requests in flight have to finish; orchestrators kill after ten seconds. */
const patience = 8_000;

/**
 * While Nest waits for the requests in flight: closes the connections that are idle by then, and
 * in the end all others.
 */
@Injectable()
export class ShutdownService implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger(ShutdownService.name);
  private idle?: NodeJS.Timeout;
  private limit?: NodeJS.Timeout;

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  beforeApplicationShutdown(signal?: string): void {
    this.logger.log({ msg: 'closing', signal });
    const server: Server = this.adapterHost.httpAdapter.getHttpServer();
    // A connection that is busy now is idle, and could be kept open, once its answer is out.
    this.idle = setInterval(() => server.closeIdleConnections(), 100);
    this.limit = setTimeout(() => {
      this.logger.warn('cutting off the requests that have not finished');
      server.closeAllConnections();
    }, patience);
  }

  onApplicationShutdown(): void {
    clearInterval(this.idle);
    clearTimeout(this.limit);
  }
}
