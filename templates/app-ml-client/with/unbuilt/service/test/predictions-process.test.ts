import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { createDatabase, type TestDatabase } from './database.ts';
import { example, startMl, until } from './ml.ts';
import { startProcess } from './process.ts';

const body = JSON.stringify(example('PredictionRequest'));
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('predictions, and the process', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  const start = async (t: TestContext) => {
    const ml = await startMl();
    t.after(() => ml.stop());
    const settings = { ML_URL: ml.url, ML_TIMEOUT_MS: '20000' };
    const service = await startProcess({ DATABASE_URL: database.url, ...settings });
    t.after(() => service.stop());
    const predict = (headers: Record<string, string> = {}, signal: AbortSignal | null = null) =>
      fetch(`${service.url}/api/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal,
      });
    return { ml, service, predict };
  };

  test('the log says which request and which trace a prediction belongs to', async (t) => {
    const { ml, service, predict } = await start(t);
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'my-id' };
    assert.equal((await predict(headers)).status, 201);
    ml.respond = ({ socket }) => socket?.destroy();
    assert.equal((await predict(headers)).status, 503);
    assert.equal(await service.stop(), 0);
    const lines = service.log().filter(({ requestId }) => requestId === 'my-id');
    assert.deepEqual(
      lines.map(({ level, status, traceId: trace }) => [level, status, trace]),
      [
        ['info', 201, traceId],
        ['warn', undefined, traceId],
        ['info', 503, traceId],
      ],
    );
    assert.equal(service.stderr(), '');
  });

  test('a prediction that nobody waits for any more is given up', async (t) => {
    const { ml, service, predict } = await start(t);
    ml.respond = () => {};
    const leaving = new AbortController();
    const asking = predict({}, leaving.signal);
    await until(() => ml.asked.length === 1);
    leaving.abort();
    await assert.rejects(asking);
    await until(() => ml.asked[0]?.left === true);
    assert.equal(await service.stop(), 0);
  });

  test('SIGTERM lets a prediction that is under way finish', async (t) => {
    const { ml, service, predict } = await start(t);
    const works = ml.respond;
    let release: (() => void) | undefined;
    ml.respond = (...call) => (release = () => works(...call));
    const asking = predict();
    await until(() => release !== undefined);
    const begin = Date.now();
    const stopped = service.stop();
    await assert.rejects(async () => {
      for (;;) await fetch(`${service.url}/healthz`);
    }, 'it still accepts requests');
    release?.();
    const answer = await asking;
    assert.equal(answer.status, 201);
    assert.deepEqual(await answer.json(), example('PredictionResponse'));
    assert.equal(await stopped, 0);
    assert.ok(Date.now() - begin < 6_000);
    assert.equal(service.stderr(), '');
  });
});
