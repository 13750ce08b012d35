import { Injectable } from '@nestjs/common';
import { attempt } from './attempt.js';
import { unwrap } from './errors.js';
import { PrismaService } from './prisma.service.js';

/** The way to the database: what passes is tried again, or answered with 503. */
@Injectable()
export class Database {
  constructor(private readonly prisma: PrismaService) {}

  /** Does `work`; answers 503 when the database does not answer or stays locked. */
  run<T>(work: (prisma: PrismaService) => Promise<T>): Promise<T> {
    return attempt(() => work(this.prisma).catch(unwrap));
  }

  async ping(): Promise<void> {
    await this.run((prisma) => prisma.$queryRaw`SELECT 1`);
  }
}
