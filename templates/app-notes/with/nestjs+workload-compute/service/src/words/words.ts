import * as z from 'zod';

export const wordCountsSchema = z
  .object({ words: z.array(z.object({ word: z.string(), count: z.int().min(1) })) })
  .meta({ id: 'WordCounts', description: 'The most frequent words, and how often each is there.' });

export type WordCounts = z.output<typeof wordCountsSchema>;
