import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from './database.ts';
import { openSocket } from './live.ts';
import { example, startMl, until } from './ml.ts';
import { startProcess } from './process.ts';

test('everyone who is connected sees predictions, and whether they can be made', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const ml = await startMl();
  t.after(() => ml.stop().catch(() => {}));
  const service = await startProcess({ DATABASE_URL: database.url, ML_URL: ml.url });
  t.after(() => service.stop());
  await until(async () => {
    const answer = await fetch(`${service.url}/readyz`);
    return (await answer.text()).includes('"ml":"up"');
  });
  const clients = await Promise.all(Array.from({ length: 10 }, () => openSocket(service.url)));
  t.after(() => clients.forEach(({ socket }) => socket.terminate()));

  const answer = await fetch(`${service.url}/api/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'my-id' },
    body: JSON.stringify(example('PredictionRequest')),
  });
  assert.equal(answer.status, 201);
  const { modelVersion, predictions } = example('PredictionResponse');
  for (const client of clients) {
    const { at, ...message } = await client.next();
    assert.deepEqual(message, {
      type: 'prediction',
      requestId: 'my-id',
      modelVersion,
      predictions: predictions.map(({ label, scores }: any) => ({
        label,
        probability: scores.find((score: any) => score.label === label).probability,
      })),
    });
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
  }

  const heard = async (message: object) => {
    for (const client of clients) assert.deepEqual(await client.next(), message);
  };
  await ml.stop();
  await heard({ type: 'ml', state: 'down' });
  const again = await startMl(ml.port);
  t.after(() => again.stop());
  await heard({ type: 'ml', state: 'up' });
  assert.equal(await service.stop(), 0);
  assert.equal(service.stderr(), '');
});
