import { expect, onTestFinished, test } from 'vitest';
import { createDatabase } from './database.js';
import { openSocket } from './live.js';
import { example, startMl, until } from './ml.js';
import { startProcess } from './process.js';

test('everyone who is connected sees predictions, and whether they can be made', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const ml = await startMl();
  onTestFinished(() => ml.stop().catch(() => {}));
  const service = await startProcess({ DATABASE_URL: database.url, ML_URL: ml.url });
  onTestFinished(async () => {
    await service.stop();
  });
  await until(async () => {
    const answer = await fetch(`${service.url}/readyz`);
    return (await answer.text()).includes('"ml":"up"');
  });
  const clients = await Promise.all(Array.from({ length: 10 }, () => openSocket(service.url)));

  const answer = await fetch(`${service.url}/api/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'my-id' },
    body: JSON.stringify(example('PredictionRequest')),
  });
  expect(answer.status).toBe(201);
  const { modelVersion, predictions } = example('PredictionResponse');
  for (const client of clients) {
    const { at, ...message } = await client.next();
    expect(message).toEqual({
      type: 'prediction',
      requestId: 'my-id',
      modelVersion,
      predictions: predictions.map(({ label, scores }: any) => ({
        label,
        probability: scores.find((score: any) => score.label === label).probability,
      })),
    });
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
  }

  const heard = async (message: object) => {
    for (const client of clients) expect(await client.next()).toEqual(message);
  };
  await ml.stop();
  await heard({ type: 'ml', state: 'down' });
  const again = await startMl(ml.port);
  onTestFinished(() => again.stop());
  await heard({ type: 'ml', state: 'up' });
  expect(await service.stop()).toBe(0);
  expect(service.stderr()).toBe('');
});
