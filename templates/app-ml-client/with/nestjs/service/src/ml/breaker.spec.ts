import { afterEach, expect, test, vi } from 'vitest';
import { Breaker, type Outcome } from './breaker.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('the breaker lets nothing through after five failures in a row, and then one call', () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const breaker = new Breaker();
  const call = (outcome: Outcome) => {
    const report = breaker.enter();
    report?.(outcome);
    return report !== undefined;
  };
  const outcomes: Outcome[] = ['failed', 'failed', 'failed', 'failed', 'answered', 'left'];
  for (const outcome of outcomes) expect(call(outcome)).toBe(true);
  for (let i = 0; i < 5; i++) expect(call('failed')).toBe(true);
  expect(breaker.wait).toBe(3_000);
  expect(call('answered')).toBe(false);
  now = 2_999;
  expect(call('answered')).toBe(false);

  now = 3_000;
  expect(breaker.wait).toBe(0);
  const report = breaker.enter();
  expect(report).toBeDefined();
  expect(call('answered'), 'one call alone tries it').toBe(false);
  report?.('left');
  expect(call('failed'), 'a call that was given up has not tried anything').toBe(true);
  expect(breaker.wait).toBe(3_000);
  expect(call('answered')).toBe(false);

  now = 6_000;
  expect(call('answered')).toBe(true);
  expect(call('failed')).toBe(true);
  expect(call('answered')).toBe(true);
});
