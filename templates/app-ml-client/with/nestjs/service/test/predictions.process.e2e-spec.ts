import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.js';
import { example, startMl, until } from './ml.js';
import { startProcess } from './process.js';

const body = JSON.stringify(example('PredictionRequest'));
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('predictions, and the process', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const start = async () => {
    const ml = await startMl();
    onTestFinished(() => ml.stop());
    const settings = { ML_URL: ml.url, ML_TIMEOUT_MS: '20000' };
    const service = await startProcess({ DATABASE_URL: database.url, ...settings });
    onTestFinished(async () => {
      await service.stop();
    });
    const predict = (headers: Record<string, string> = {}, signal: AbortSignal | null = null) =>
      fetch(`${service.url}/api/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal,
      });
    return { ml, service, predict };
  };

  test('the log says which request and which trace a prediction belongs to', async () => {
    const { ml, service, predict } = await start();
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'my-id' };
    expect((await predict(headers)).status).toBe(201);
    ml.respond = ({ socket }) => socket?.destroy();
    expect((await predict(headers)).status).toBe(503);
    expect(await service.stop()).toBe(0);
    const lines = service.log().filter(({ requestId }) => requestId === 'my-id');
    expect(lines.map(({ level, status, traceId: trace }) => [level, status, trace])).toEqual([
      ['info', 201, traceId],
      ['warn', undefined, traceId],
      ['info', 503, traceId],
    ]);
    expect(service.stderr()).toBe('');
  });

  test('a prediction that nobody waits for any more is given up', async () => {
    const { ml, service, predict } = await start();
    ml.respond = () => {};
    const leaving = new AbortController();
    const asking = predict({}, leaving.signal);
    await until(() => ml.asked.length === 1);
    leaving.abort();
    await expect(asking).rejects.toThrow('aborted');
    await until(() => ml.asked[0]?.left === true);
    expect(await service.stop()).toBe(0);
  });

  test('SIGTERM lets a prediction that is under way finish', async () => {
    const { ml, service, predict } = await start();
    const works = ml.respond;
    let release: (() => void) | undefined;
    ml.respond = (...call) => (release = () => works(...call));
    const asking = predict();
    await until(() => release !== undefined);
    const begin = Date.now();
    const stopped = service.stop();
    const asks = async () => {
      for (;;) await fetch(`${service.url}/healthz`);
    };
    await expect(asks(), 'it still accepts requests').rejects.toThrow('fetch failed');
    release?.();
    const answer = await asking;
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual(example('PredictionResponse'));
    expect(await stopped).toBe(0);
    expect(Date.now() - begin).toBeLessThan(6_000);
    expect(service.stderr()).toBe('');
  });
});
