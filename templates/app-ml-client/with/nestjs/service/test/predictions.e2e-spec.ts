import type { ServerResponse } from 'node:http';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startApp } from './app.js';
import { createDatabase, type TestDatabase } from './database.js';
import { example, send, startMl, until } from './ml.js';
import { expectProblem } from './problem.js';
import { freePort } from './process.js';

const path = '/api/predictions';
const asked = example('PredictionRequest');
const answered = example('PredictionResponse');
const [input] = asked.inputs;
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const json = 'application/json';
const problem = 'application/problem+json';

describe('predictions', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** An application that asks a stand-in of its own, unless `env` has another address. */
  const start = async (env: NodeJS.ProcessEnv = {}) => {
    const ml = await startMl();
    const settings = { DATABASE_URL: database.url, ML_URL: ml.url, ML_TIMEOUT_MS: '20000' };
    const app = await startApp({ ...settings, ...env });
    onTestFinished(async () => {
      await app.close();
      await ml.stop();
    });
    const post = (body: object, query = '') =>
      request(app.getHttpServer())
        .post(path + query)
        .send(body);
    const predict = (headers: Record<string, string> = {}) => post(asked).set(headers);
    const ready = () => request(app.getHttpServer()).get('/readyz');
    const state = async () => (await ready()).body.ml;
    return { ml, app, post, predict, ready, state };
  };

  test('are those of the model, which is told what belongs to the request', async () => {
    const { ml, predict } = await start();
    const answer = await predict({ 'x-request-id': 'my-id', traceparent });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toEqual(answered);
    expect((await predict({ traceparent: 'none' })).status).toBe(201);

    const [first, second] = ml.asked;
    expect(first).toMatchObject({ path: '/v1/predict', body: asked });
    expect(first?.headers).toMatchObject({ 'x-request-id': 'my-id', traceparent });
    expect(first?.headers['x-deadline-ms']).toMatch(/^(1?\d{1,4}|20000)$/);
    expect(second?.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
    expect(second?.headers).not.toHaveProperty('traceparent');
  });

  const others: [body: object, fields: string[]][] = [
    [{}, ['inputs']],
    [{ inputs: [] }, ['inputs']],
    [{ inputs: Array.from({ length: 65 }, () => input) }, ['inputs']],
    [{ inputs: input }, ['inputs']],
    [{ inputs: [input], model: 'x' }, ['model']],
    [{ inputs: [input, { ...input, colour: 'red' }] }, ['inputs.1.colour']],
    [{ inputs: [{ ...input, petalWidth: undefined }] }, ['inputs.0.petalWidth']],
    [{ inputs: [{ ...input, petalWidth: '1' }] }, ['inputs.0.petalWidth']],
    [{ inputs: [{ ...input, petalWidth: null }] }, ['inputs.0.petalWidth']],
    [{ inputs: [{ ...input, petalWidth: 1_000 }] }, ['inputs.0.petalWidth']],
    [[asked], ['body']],
  ];

  test('are made for input that fits the contract', async () => {
    const { ml, app, post } = await start();
    for (const [body, fields] of others) expectProblem(await post(body), 422, fields);
    expectProblem(await post(asked, '?x=1'), 422, ['x']);
    const raw = (type: string, body: string) =>
      request(app.getHttpServer()).post(path).type(type).send(body);
    expectProblem(await raw(json, '{'), 400);
    expect((await raw(json, '{"inputs":[{"petalWidth":1e999}]}')).status).toBe(422);
    expectProblem(await raw('text/plain', '{}'), 415);
    expectProblem(await request(app.getHttpServer()).get(path), 405);
    expect(ml.asked).toEqual([]);
    const many = await post({ inputs: Array.from({ length: 64 }, () => input) });
    expect(many.body.predictions).toHaveLength(64);
  });

  const whole = JSON.stringify(answered);
  const secret = '{"secret":true}';
  const faults: [name: string, status: number, respond: (response: ServerResponse) => void][] = [
    ['it ends while it works', 503, ({ socket }) => socket?.destroy()],
    ['its answer is not HTTP', 502, ({ socket }) => socket?.end('secret\r\n\r\n')],
    ['its answer is a page', 502, (response) => send(response, 200, 'text/html', 'secret')],
    ['its answer is an error page', 502, (response) => send(response, 500, 'text/html', 'secret')],
    ['its answer is a fault', 502, (response) => send(response, 500, problem, secret)],
    ['it finds fault with our request', 502, (response) => send(response, 400, problem, secret)],
    ['its refusal has no fields', 502, (response) => send(response, 422, problem, secret)],
    ['its answer has another status', 502, (response) => send(response, 201, json, whole)],
    ['its answer is not JSON', 502, (response) => send(response, 200, json, 'secret')],
    ['its answer is another object', 502, (response) => send(response, 200, json, secret)],
    [
      'its answer has a label that is not known',
      502,
      (response) => send(response, 200, json, whole.replaceAll('setosa', 'secret')),
    ],
    [
      'its answer is not one for each input',
      502,
      (response) =>
        send(response, 200, json, JSON.stringify({ ...answered, predictions: [], secret: true })),
    ],
    [
      'its answer is elsewhere',
      502,
      (response) => send(response, 307, json, whole, { location: '/secret' }),
    ],
    [
      'its answer is cut off',
      502,
      (response) => {
        response.writeHead(200, { 'content-type': json, 'content-length': whole.length });
        response.write(whole.slice(0, 20), () => response.socket?.destroy());
      },
    ],
    ['it does not answer in time', 504, () => {}],
    [
      'it stops in the middle of its answer',
      504,
      (response) => {
        response.writeHead(200, { 'content-type': json });
        response.write(whole.slice(0, 20));
      },
    ],
  ];
  test.each(faults)('when %s, they are a %i', async (_name, status, respond) => {
    const { ml, predict, ready } = await start(status === 504 ? { ML_TIMEOUT_MS: '1000' } : {});
    ml.respond = respond;
    const begin = Date.now();
    const answer = await predict();
    expectProblem(answer, status);
    expect(Date.now() - begin).toBeLessThan(10_000);
    expect(answer.text).not.toMatch(/secret/);
    expect('retry-after' in answer.headers).toBe(status === 503);
    expect(ml.asked, 'what may have been started is not asked for again').toHaveLength(1);
    expect((await ready()).status).toBe(200);
  });

  test('are a 503 when the model cannot be asked now, with its reason and its time', async () => {
    const { ml, predict } = await start();
    const { detail } = example('Problem');
    const body = JSON.stringify(example('Problem'));
    for (const [given, expected] of [
      [{ 'retry-after': '7' }, '7'],
      [{ 'retry-after': 'soon' }, '1'],
      [{}, '1'],
    ] as const) {
      ml.respond = (response) => send(response, 503, problem, body, { ...given });
      const answer = await predict();
      expectProblem(answer, 503);
      expect(answer.body.detail).toBe(detail);
      expect(answer.headers['retry-after']).toBe(expected);
    }
  });

  test('are a 422 with the fields when the model refuses them', async () => {
    const { ml, predict } = await start();
    const { errors } = example('ValidationProblem');
    const body = JSON.stringify(example('ValidationProblem'));
    ml.respond = (response) => send(response, 422, problem, body);
    const answer = await predict();
    expectProblem(
      answer,
      422,
      errors.map(({ field }: { field: string }) => field),
    );
  });

  test('are a 503 when nobody is there, after one more try, and come as soon as somebody is', async () => {
    const port = await freePort();
    const { predict, state } = await start({ ML_URL: `http://127.0.0.1:${port}` });
    const { mock } = vi.spyOn(globalThis, 'fetch');
    const answer = await predict();
    expectProblem(answer, 503);
    expect(answer.headers['retry-after']).toBe('1');
    const tries = mock.calls.filter(
      ([url]) => url instanceof URL && url.pathname === '/v1/predict',
    );
    expect(tries).toHaveLength(2);
    expect(await state()).toBe('down');

    const there = await startMl(port);
    onTestFinished(() => there.stop());
    expect((await predict()).status).toBe(201);
    expect(await state()).toBe('up');
  });

  test('are not asked for after five failures in a row, until one call tries it again', async () => {
    const { ml, predict, state } = await start();
    await until(async () => (await state()) === 'up');
    const works = ml.respond;
    ml.respond = (response) => send(response, 500, 'text/plain', '');
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    for (let i = 0; i < 5; i++) expectProblem(await predict(), 502);
    expect(await state()).toBe('down');
    ml.respond = works;
    const refused = await predict();
    expectProblem(refused, 503);
    expect(refused.headers['retry-after']).toBe('3');
    expect(ml.asked).toHaveLength(5);

    now += 3_000;
    expect((await predict()).status).toBe(201);
    expect(await state()).toBe('up');
  });

  test('are asked for at the same time up to a limit', async () => {
    const { ml, predict } = await start({ ML_MAX_IN_FLIGHT: '2' });
    const works = ml.respond;
    const releases: (() => void)[] = [];
    ml.respond = (...call) => releases.push(() => works(...call));
    const waiting = [predict(), predict()].map(async (answer) => await answer);
    await until(() => releases.length === 2);
    const refused = await predict();
    expectProblem(refused, 503);
    expect(refused.headers['retry-after']).toBe('1');
    for (const release of releases) release();
    for (const { status } of await Promise.all(waiting)) expect(status).toBe(201);
    ml.respond = works;
    expect((await predict()).status).toBe(201);
    expect(ml.asked).toHaveLength(3);
  });

  test('go over connections that are kept', async () => {
    const { ml, predict } = await start();
    for (let i = 0; i < 10; i++) expect((await predict()).status).toBe(201);
    // One of them for the looks at whether the model is ready.
    expect(ml.connections).toBeLessThanOrEqual(2);
  });

  test('are no reason not to be ready', async () => {
    const { ml, ready, state } = await start();
    await until(async () => (await state()) === 'up');
    ml.isReady = false;
    await until(async () => (await state()) === 'down');
    expect((await ready()).status).toBe(200);
    ml.isReady = true;
    await until(async () => (await state()) === 'up');
  });
});
