import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import {
  Injectable,
  type OnApplicationShutdown,
  ServiceUnavailableException,
} from '@nestjs/common';
import { Piscina } from 'piscina';
import type { WordCounts } from './words.js';

/** Texts that wait for a thread. Whoever comes after them is better off trying again. */
const queueLimit = 100;

/**
 * Worker threads for what computes. On the main thread a long text would keep every other
 * request waiting; here it takes a thread of its own, of which there are as many as cores.
 */
@Injectable()
export class WordsService implements OnApplicationShutdown {
  private readonly pool = new Piscina<string, WordCounts>({
    // Compiled, or as it is where a test runs it.
    filename: new URL(`worker${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 0,
    maxThreads: availableParallelism(),
  });

  /** Throws a 503 when too many texts wait already. */
  async count(text: string): Promise<WordCounts> {
    if (this.pool.queueSize >= queueLimit) {
      throw new ServiceUnavailableException('Too much is being counted already');
    }
    return this.pool.run(text);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }
}
