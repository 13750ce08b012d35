import { describe, expect, test } from 'vitest';
import type { NoteEvent } from './note-event.js';
import { patience, Subscription } from './subscription.js';

const eventOf = (id: number, size = 1): NoteEvent => ({
  id,
  change: 'created',
  members: 'x'.repeat(size),
});

const subscriptionAfter = (start: number, ...backlog: NoteEvent[]) =>
  new Subscription({
    start,
    reset: false,
    backlog: (async function* () {
      yield* backlog;
    })(),
    onEnd: () => {},
  });

describe('Subscription', () => {
  test('gives what there was, then what has come, nothing twice', async () => {
    const subscription = subscriptionAfter(1, eventOf(2), eventOf(3));
    for (const id of [1, 2, 3, 4]) subscription.push(eventOf(id));
    const ids = [];
    for await (const { id } of subscription) {
      ids.push(id);
      if (id === 4) subscription.push(eventOf(5));
      if (id === 5) subscription.end('left');
    }
    expect(ids).toEqual([2, 3, 4, 5]);
  });

  test('ends for who reads too slowly', async () => {
    const subscription = subscriptionAfter(0);
    // One is taken, however long it is.
    subscription.push(eventOf(1, 2 * patience));
    expect(subscription.signal.aborted).toBe(false);
    subscription.push(eventOf(2));
    expect(subscription.signal.reason).toBe('too slow');
    const events = [];
    for await (const event of subscription) events.push(event);
    expect(events).toEqual([]);
  });
});
