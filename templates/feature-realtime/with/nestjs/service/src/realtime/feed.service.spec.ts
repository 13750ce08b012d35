import { Test } from '@nestjs/testing';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newNoteSchema } from '../notes/note.js';
import { BusService } from './bus.service.js';
import { FeedService } from './feed.service.js';
import type { StoredEvent } from './note-event.js';
import { NoteEventsRepository } from './note-events.repository.js';
import type { Subscription } from './subscription.js';

const time = '2026-11-25T08:00:00.000Z';

describe('FeedService', () => {
  const changed = new Subject<void>();
  let events: StoredEvent[];
  let first: number;
  let feed: FeedService;

  const add = (count: number, body = '') => {
    for (let i = 0; i < count; i++) {
      const id = events.length + 1;
      const row = { id, created_at: time, updated_at: time };
      const note = { ...newNoteSchema.parse({ title: 'x', body }), ...row };
      events.push({ id, change: 'created', note });
    }
  };

  beforeEach(async () => {
    [events, first] = [[], 1];
    const repository = {
      bounds: async () => ({ first, last: events.length }),
      after: async (id: number, limit: number) =>
        events.slice(Math.max(id, first - 1)).slice(0, limit),
    };
    const module = await Test.createTestingModule({
      providers: [
        FeedService,
        { provide: NoteEventsRepository, useValue: repository },
        { provide: BusService, useValue: { changed, start: () => {} } },
      ],
    }).compile();
    feed = module.get(FeedService);
  });
  afterEach(() => feed.beforeApplicationShutdown());

  test('joins what was there to what comes', async () => {
    add(250);
    const subscription = await feed.subscribe(1);
    add(250);
    changed.next();
    expect(await take(subscription, 499)).toEqual(Array.from({ length: 499 }, (_, i) => i + 2));
  });

  test('keeps up whoever reads, however much comes at once', async () => {
    const slow = await feed.subscribe();
    const reading = take(await feed.subscribe(), 30);
    add(30, 'x'.repeat(100_000));
    changed.next();
    expect(await reading).toHaveLength(30);
    expect(slow.signal.reason).toBe('too slow');
  });

  test('ends for whoever would miss what is not kept any more', async () => {
    add(1);
    const behind = await feed.subscribe(0);
    const watching = take(await feed.subscribe(), 1);
    add(3);
    first = 3;
    changed.next();
    expect(await watching).toEqual([]);
    await expect(take(behind, 1)).rejects.toThrow('not kept');
  });
});

async function take(subscription: Subscription, count: number): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of subscription) if (ids.push(id) === count) break;
  return ids;
}
