import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Breaker, type Outcome } from '../src/ml/breaker.ts';

test('the breaker lets nothing through after five failures in a row, and then one call', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const breaker = new Breaker();
  const call = (outcome: Outcome) => {
    const report = breaker.enter();
    report?.(outcome);
    return report !== undefined;
  };
  const outcomes: Outcome[] = ['failed', 'failed', 'failed', 'failed', 'answered', 'left'];
  for (const outcome of outcomes) assert.ok(call(outcome));
  for (let i = 0; i < 5; i++) assert.ok(call('failed'));
  assert.equal(breaker.wait, 3_000);
  assert.equal(call('answered'), false);
  now = 2_999;
  assert.equal(call('answered'), false);

  now = 3_000;
  assert.equal(breaker.wait, 0);
  const report = breaker.enter();
  assert.ok(report);
  assert.equal(call('answered'), false, 'one call alone tries it');
  report('left');
  assert.ok(call('failed'), 'a call that was given up has not tried anything');
  assert.equal(breaker.wait, 3_000);
  assert.equal(call('answered'), false);

  now = 6_000;
  assert.ok(call('answered'));
  assert.ok(call('failed'));
  assert.ok(call('answered'));
});
