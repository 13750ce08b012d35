import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { newNoteSchema } from '../src/notes/note.ts';
import { Feed } from '../src/realtime/feed.ts';
import type { EventLog, StoredEvent } from '../src/realtime/note-event.ts';
import type { Subscription } from '../src/realtime/subscription.ts';

const quiet = { warn: () => {}, info: () => {} };

/** Events in memory, which can be away like those in a database. */
class Memory implements EventLog {
  readonly events: StoredEvent[] = [];
  away = false;
  first = 1;

  add(body = ''): number {
    const id = this.events.length + 1;
    const time = '2026-11-25T08:00:00.000Z';
    const note = newNoteSchema.parse({ title: `Note ${id}`, body });
    const row = { ...note, id, created_at: time, updated_at: time };
    this.events.push({ id, change: 'created', note: row });
    return id;
  }

  async bounds() {
    return { first: this.first, last: this.events.length };
  }

  async after(id: number, limit: number) {
    if (this.away) throw new Error('away');
    const start = Math.max(id, this.first - 1);
    return this.events.slice(start, start + limit);
  }
}

function open(t: TestContext, log: EventLog): Feed {
  const feed = new Feed(log, quiet);
  t.after(() => feed.close());
  return feed;
}

async function take(subscription: Subscription, count: number): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of subscription) if (ids.push(id) === count) break;
  return ids;
}

describe('the feed', () => {
  test('joins what was there to what comes', async (t) => {
    const log = new Memory();
    for (let i = 0; i < 250; i++) log.add();
    const feed = open(t, log);
    const subscription = await feed.subscribe(1);
    for (let i = 0; i < 250; i++) log.add();
    feed.wake();
    const ids = await take(subscription, 499);
    assert.deepEqual(
      ids,
      Array.from({ length: 499 }, (_, i) => i + 2),
    );
  });

  test('cuts off who does not read, and nobody else', async (t) => {
    const log = new Memory();
    const feed = open(t, log);
    const slow = await feed.subscribe();
    const quick = await feed.subscribe();
    const reading = take(quick, 12);
    for (let i = 0; i < 12; i++) {
      log.add('x'.repeat(100_000));
      feed.wake();
      await new Promise(setImmediate);
    }
    assert.equal((await reading).length, 12);
    assert.equal(slow.signal.reason, 'too slow');
    assert.deepEqual(await take(slow, 1), []);
  });

  test('ends for whoever would miss what is not kept any more', async (t) => {
    const log = new Memory();
    const feed = open(t, log);
    log.add();
    const behind = await feed.subscribe(0);
    const watching = take(await feed.subscribe(), 1);
    for (let i = 0; i < 3; i++) log.add();
    log.first = 3;
    feed.wake();
    assert.deepEqual(await watching, []);
    await assert.rejects(take(behind, 1), /not kept/);
  });

  test('goes on after a failure of the database', async (t) => {
    const log = new Memory();
    const feed = open(t, log);
    const subscription = await feed.subscribe();
    log.away = true;
    log.add();
    feed.wake();
    await new Promise(setImmediate);
    assert.equal(subscription.signal.aborted, false);
    log.away = false;
    feed.wake();
    assert.deepEqual(await take(subscription, 1), [1]);
  });

  test('ends with the service', async (t) => {
    const feed = open(t, new Memory());
    const subscription = await feed.subscribe();
    const reading = take(subscription, 1);
    feed.close();
    assert.deepEqual(await reading, []);
    assert.equal((await feed.subscribe()).signal.reason, 'closed');
  });
});
