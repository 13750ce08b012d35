import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { PrismaClient } from '../generated/prisma/client.js';
import { createAdapter } from './adapter.js';

/** Prisma's client, which connects at its first use, and again after a failure. */
@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  constructor(@Inject(SETTINGS) settings: Settings) {
    // Other formats of errors hold the values of a failed statement, which are not for the log.
    super({ adapter: createAdapter(settings), errorFormat: 'minimal' });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
