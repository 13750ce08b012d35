import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Client } from '../src/realtime/client.ts';
import { Feed } from '../src/realtime/feed.ts';
import { Hub } from '../src/realtime/hub.ts';

test('a client is read again once all that it has said is answered', async () => {
  const sent: string[] = [];
  let isRead = true;
  const socket: any = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    pause: () => (isRead = false),
    resume: () => (isRead = true),
    send: (message: string) => {
      sent.push(message);
      assert.equal(isRead, false);
    },
  });
  const hub = new Hub();
  const logger = { warn: () => {}, info: () => {}, error: () => {} };
  const log = { bounds: async () => ({ first: 1, last: 0 }), after: async () => [] };
  hub.add(new Client(socket, { hub, feed: new Feed(log, logger), speak: async () => {}, logger }));
  for (let i = 0; i < 3; i++) socket.emit('message', Buffer.from('{"type":"ping"}'), false);
  await new Promise(setImmediate);
  assert.equal(sent.length, 3);
  assert.equal(isRead, true);
});
