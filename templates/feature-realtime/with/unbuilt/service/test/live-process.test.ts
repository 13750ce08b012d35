import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { createAwayDatabase, createDatabase, type TestDatabase } from './database.ts';
import { openSocket, openStream, until } from './live.ts';
import { startProcess } from './process.ts';

const create = (url: string, title: string) =>
  fetch(`${url}/api/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title }),
  });

describe('what is pushed, and the process', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  const start = async (t: TestContext) => {
    const service = await startProcess({ DATABASE_URL: database.url });
    t.after(() => service.stop());
    return service;
  };

  test('a client goes on where it was after the process was killed', async (t) => {
    const service = await start(t);
    const stream = await openStream(service.url);
    const client = await openSocket(service.url);
    client.say({ type: 'subscribe' });
    await stream.next();
    await create(service.url, 'Seen');
    const { id } = await stream.next();
    await create(service.url, 'Perhaps not seen');
    await service.stop('SIGKILL');
    await stream.ended;
    assert.equal((await client.closed).code, 1006);

    const again = await start(t);
    await create(again.url, 'Afterwards');
    const resumed = await openStream(again.url, id);
    t.after(() => resumed.leave());
    const ready = { id, event: 'ready', data: `{"id":${id}}` };
    assert.deepEqual(await resumed.next(), ready);
    for (const title of ['Perhaps not seen', 'Afterwards']) {
      assert.equal(JSON.parse((await resumed.next()).data).note.title, title);
    }
  });

  test('SIGTERM ends everything at once', async (t) => {
    const service = await start(t);
    const stream = await openStream(service.url);
    await stream.next();
    const client = await openSocket(service.url);
    await client.ask({ type: 'subscribe' });
    // One that answers nothing any more.
    const dead = await openSocket(service.url);
    dead.socket.pause();
    const begin = Date.now();
    const stopped = service.stop();
    assert.deepEqual(await client.closed, { code: 1001, reason: 'shutting down' });
    await stream.ended;
    assert.equal(await stopped, 0);
    assert.ok(Date.now() - begin < 6_000, 'a client holds up the end');
    assert.equal(service.stderr(), '');
    dead.socket.terminate();
  });

  test('what the database has kept from working works once it is there', async (t) => {
    const away = await createAwayDatabase();
    t.after(() => away.drop());
    const service = await startProcess({ DATABASE_URL: away.url });
    t.after(() => service.stop());
    assert.equal((await openStream(service.url)).response.status, 503);
    await assert.rejects(openSocket(service.url), /503/);

    await away.appear();
    const stream = await openStream(service.url);
    t.after(() => stream.leave());
    assert.equal((await stream.next()).event, 'ready');
    await create(service.url, 'There again');
    assert.equal((await stream.next()).event, 'created');
    const client = await openSocket(service.url);
    t.after(() => client.socket.terminate());
    await client.ask({ type: 'join', room: 'lobby' });
    const chat = { type: 'chat', room: 'lobby', text: 'Hello' };
    await until(async () => (await client.ask(chat))['type'] === 'chat');
  });

  test('/live is a page that loads everything from this service', async (t) => {
    const service = await start(t);
    const page = await fetch(`${service.url}/live`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html\b/);
    const text = await page.text();
    const links = [...text.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)];
    const addresses = links.map(([, link]) => link).filter((link) => link !== 'data:,');
    assert.ok(addresses.length >= 2);
    for (const link of addresses) {
      const asset = await fetch(`${service.url}${link}`);
      assert.equal(asset.status, 200, link);
      assert.match(asset.headers.get('content-type') ?? '', /javascript|css/);
    }
    assert.doesNotMatch(text, /<script(?![^>]+src=)|<style|\son[a-z]+=/);
  });
});
