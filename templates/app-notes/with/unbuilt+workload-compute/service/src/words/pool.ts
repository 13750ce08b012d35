import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import * as z from 'zod';
import { Unavailable } from '../problem.ts';

export const wordCountsSchema = z
  .object({ words: z.array(z.object({ word: z.string(), count: z.int().min(1) })) })
  .meta({ id: 'WordCounts', description: 'The most frequent words, and how often each is there.' });

export type WordCounts = z.output<typeof wordCountsSchema>;

/**
 * Worker threads for what computes. On the main thread a long text would keep every other
 * request waiting; here it takes a thread of its own, of which there are as many as cores.
 */
const pool = new Piscina<string, WordCounts>({
  filename: new URL('worker.ts', import.meta.url).href,
  minThreads: 0,
  maxThreads: availableParallelism(),
});

/** Texts that wait for a thread. Whoever comes after them is better off trying again. */
const queueLimit = 100;

/** Throws Unavailable when too many texts wait already. */
export async function countWords(text: string): Promise<WordCounts> {
  if (pool.queueSize >= queueLimit) throw new Unavailable('Too much is being counted already');
  return pool.run(text);
}
