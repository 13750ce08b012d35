import type { WordCounts } from './words.js';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The ten most frequent words of a text, in any script. Runs in a worker thread. */
export default function count(text: string): WordCounts {
  const counts = new Map<string, number>();
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike !== true) continue;
    const word = segment.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = Array.from(counts, ([word, times]) => ({ word, count: times }));
  return { words: words.toSorted((a, b) => b.count - a.count).slice(0, 10) };
}
