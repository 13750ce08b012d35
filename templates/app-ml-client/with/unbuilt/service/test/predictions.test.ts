import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, test, type TestContext } from 'node:test';
import { createDatabase, type TestDatabase } from './database.ts';
import { example, send, startMl, until } from './ml.ts';
import { assertProblem } from './problem.ts';
import { freePort } from './process.ts';
import { startService } from './service.ts';

const path = '/api/predictions';
const asked = example('PredictionRequest');
const answered = example('PredictionResponse');
const [input] = asked.inputs;
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const json = 'application/json';
const problem = 'application/problem+json';

describe('predictions', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  /** A service that asks a stand-in of its own, unless `env` has another address. */
  const start = async (t: TestContext, env: NodeJS.ProcessEnv = {}) => {
    const ml = await startMl();
    const settings = { DATABASE_URL: database.url, ML_URL: ml.url, ML_TIMEOUT_MS: '20000' };
    const service = await startService({ ...settings, ...env });
    t.after(async () => {
      await service.close();
      await ml.stop();
    });
    const predict = (headers: Record<string, string> = {}) =>
      service.request('POST', path, { json: asked, headers });
    const state = async () => (await service.request('GET', '/readyz')).json().ml;
    return { ml, service, predict, state };
  };

  test('are those of the model, which is told what belongs to the request', async (t) => {
    const { ml, predict } = await start(t);
    const answer = await predict({ 'x-request-id': 'my-id', traceparent });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(answer.json(), answered);
    assert.equal((await predict({ traceparent: 'none' })).status, 201);

    const [first, second] = ml.asked;
    assert.equal(first?.path, '/v1/predict');
    assert.deepEqual(first.body, asked);
    assert.equal(first.headers['x-request-id'], 'my-id');
    assert.equal(first.headers['traceparent'], traceparent);
    const left = Number(first.headers['x-deadline-ms']);
    assert.ok(Number.isInteger(left) && left > 0 && left <= 20_000);
    assert.match(String(second?.headers['x-request-id']), /^[\w-]{36}$/);
    assert.equal(second?.headers['traceparent'], undefined);
  });

  test('are made for input that fits the contract', async (t) => {
    const { ml, service } = await start(t);
    const cases: [body: unknown, fields: string[]][] = [
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
    for (const [body, fields] of cases) {
      assertProblem(await service.request('POST', path, { json: body }), 422, fields);
    }
    assertProblem(await service.request('POST', `${path}?x=1`, { json: asked }), 422, ['x']);
    const headers = { 'content-type': json };
    const large = '{"inputs":[{"petalWidth":1e999}]}';
    assertProblem(await service.request('POST', path, { headers, body: '{' }), 400);
    assert.equal((await service.request('POST', path, { headers, body: large })).status, 422);
    assertProblem(await service.request('POST', path, { body: '{}' }), 415);
    assertProblem(await service.request('GET', path), 405);
    assert.equal(ml.asked.length, 0);
    const many = { inputs: Array.from({ length: 64 }, () => input) };
    const answer = await service.request('POST', path, { json: many });
    assert.equal(answer.json().predictions.length, 64);
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
  for (const [name, status, respond] of faults) {
    test(`are a ${status} when ${name}`, async (t) => {
      const env = status === 504 ? { ML_TIMEOUT_MS: '1000' } : {};
      const { ml, service, predict } = await start(t, env);
      ml.respond = respond;
      const begin = Date.now();
      const answer = await predict();
      assertProblem(answer, status);
      assert.ok(Date.now() - begin < 10_000);
      assert.doesNotMatch(answer.text, /secret/);
      assert.equal(answer.headers.has('retry-after'), status === 503);
      assert.equal(ml.asked.length, 1, 'what may have been started is not asked for again');
      assert.equal((await service.request('GET', '/readyz')).status, 200);
    });
  }

  test('are a 503 when the model cannot be asked now, with its reason and its time', async (t) => {
    const { ml, predict } = await start(t);
    const { detail } = example('Problem');
    const body = JSON.stringify(example('Problem'));
    for (const [given, expected] of [
      [{ 'retry-after': '7' }, '7'],
      [{ 'retry-after': 'soon' }, '1'],
      [{}, '1'],
    ] as const) {
      ml.respond = (response) => send(response, 503, problem, body, { ...given });
      const answer = await predict();
      assertProblem(answer, 503);
      assert.equal(answer.json().detail, detail);
      assert.equal(answer.headers.get('retry-after'), expected);
    }
  });

  test('are a 422 with the fields when the model refuses them', async (t) => {
    const { ml, predict } = await start(t);
    const { errors } = example('ValidationProblem');
    const body = JSON.stringify(example('ValidationProblem'));
    ml.respond = (response) => send(response, 422, problem, body);
    const answer = await predict();
    assertProblem(
      answer,
      422,
      errors.map(({ field }: { field: string }) => field),
    );
  });

  test('are a 503 when nobody is there, after one more try, and come as soon as somebody is', async (t) => {
    const port = await freePort();
    const { predict, state } = await start(t, { ML_URL: `http://127.0.0.1:${port}` });
    const { mock } = t.mock.method(globalThis, 'fetch');
    const answer = await predict();
    assertProblem(answer, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    const tries = mock.calls.filter(
      ({ arguments: [url] }) => url instanceof URL && url.pathname === '/v1/predict',
    );
    assert.equal(tries.length, 2);
    assert.equal(await state(), 'down');

    const there = await startMl(port);
    t.after(() => there.stop());
    assert.equal((await predict()).status, 201);
    assert.equal(await state(), 'up');
  });

  test('are not asked for after five failures in a row, until one call tries it again', async (t) => {
    const { ml, predict, state } = await start(t);
    await until(async () => (await state()) === 'up');
    const works = ml.respond;
    ml.respond = (response) => send(response, 500, 'text/plain', '');
    let now = performance.now();
    t.mock.method(performance, 'now', () => now);
    for (let i = 0; i < 5; i++) assertProblem(await predict(), 502);
    assert.equal(await state(), 'down');
    ml.respond = works;
    const refused = await predict();
    assertProblem(refused, 503);
    assert.equal(refused.headers.get('retry-after'), '3');
    assert.equal(ml.asked.length, 5);

    now += 3_000;
    assert.equal((await predict()).status, 201);
    assert.equal(await state(), 'up');
  });

  test('are asked for at the same time up to a limit', async (t) => {
    const { ml, predict } = await start(t, { ML_MAX_IN_FLIGHT: '2' });
    const works = ml.respond;
    const releases: (() => void)[] = [];
    ml.respond = (...call) => releases.push(() => works(...call));
    const waiting = [predict(), predict()];
    await until(() => releases.length === 2);
    const refused = await predict();
    assertProblem(refused, 503);
    assert.equal(refused.headers.get('retry-after'), '1');
    for (const release of releases) release();
    for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 201);
    ml.respond = works;
    assert.equal((await predict()).status, 201);
    assert.equal(ml.asked.length, 3);
  });

  test('go over connections that are kept', async (t) => {
    const { ml, predict } = await start(t);
    for (let i = 0; i < 10; i++) assert.equal((await predict()).status, 201);
    // One of them for the looks at whether the model is ready.
    assert.ok(ml.connections <= 2, String(ml.connections));
  });

  test('are no reason not to be ready', async (t) => {
    const { ml, service, state } = await start(t);
    await until(async () => (await state()) === 'up');
    ml.isReady = false;
    await until(async () => (await state()) === 'down');
    assert.equal((await service.request('GET', '/readyz')).status, 200);
    ml.isReady = true;
    await until(async () => (await state()) === 'up');
  });
});
