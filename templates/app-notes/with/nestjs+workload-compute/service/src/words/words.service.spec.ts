import { setImmediate } from 'node:timers/promises';
import { ServiceUnavailableException } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WordsService } from './words.service.js';

describe('WordsService', () => {
  let module: TestingModule;
  let service: WordsService;

  beforeEach(async () => {
    module = await Test.createTestingModule({ providers: [WordsService] }).compile();
    service = module.get(WordsService);
  });
  afterEach(() => module.close());

  test('counts beside the main thread, which goes on meanwhile', async () => {
    let counted = false;
    const counting = service.count('one two three four '.repeat(5_000)).then(({ words }) => {
      counted = true;
      return words;
    });
    await setImmediate();
    expect(counted).toBe(false);
    expect(await counting).toEqual([
      { word: 'one', count: 5_000 },
      { word: 'two', count: 5_000 },
      { word: 'three', count: 5_000 },
      { word: 'four', count: 5_000 },
    ]);
  });

  test('counts for as many as can wait, and for no more', async () => {
    const texts = Array.from({ length: 1_000 }, () => 'one');
    const results = await Promise.allSettled(texts.map((text) => service.count(text)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(900);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(ServiceUnavailableException);
  });
});
