import { setTimeout as sleep } from 'node:timers/promises';
import {
  BadGatewayException,
  GatewayTimeoutException,
  HttpException,
  Inject,
  Injectable,
  UnprocessableEntityException,
} from '@nestjs/common';
import * as z from 'zod';
import { SETTINGS, type Settings } from '../config/settings.js';
import { RetryLaterException } from '../http/retry-later.exception.js';
import { Breaker, type Outcome } from './breaker.js';
import type { Caller } from './caller.decorator.js';
import type {
  PredictData,
  PredictErrors,
  PredictionRequest,
  PredictionResponse,
  PredictResponses,
  ReadyzData,
} from './contract/types.gen.js';
import { zPredictionResponse, zProblem, zValidationProblem } from './contract/zod.gen.js';

// What is used of the contract: where it says something else, the type checker does too.
const predictPath = '/v1/predict' satisfies PredictData['url'];
const readyPath = '/readyz' satisfies ReadyzData['url'];
const predicted = 200 satisfies keyof PredictResponses;
const refused = 422 satisfies keyof PredictErrors;
const notNow = 503 satisfies keyof PredictErrors;

/** Milliseconds for the answer whether the model is ready. */
const readyPatience = 1_000;

/** Milliseconds before the one other try, and how much more by chance. */
const retryPause = 50;
const retryJitter = 100;

/** How a call fails that has not reached anyone: nothing has been started by it. */
const unreached = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What is known of a call while it is under way. */
interface Call {
  body: string;
  caller: Caller;
  /** When its time is over, on the clock of `performance`. */
  end: number;
  /** Aborted when its time is over, and when its caller leaves. */
  signal: AbortSignal;
}

/**
 * Asks the service with the model. Whatever comes of that is an answer as contracted, or one of
 * Nest's HTTP exceptions.
 */
@Injectable()
export class MlClient {
  private readonly breaker = new Breaker();
  private inFlight = 0;

  constructor(
    @Inject(SETTINGS)
    private readonly settings: Pick<Settings, 'ML_URL' | 'ML_TIMEOUT_MS' | 'ML_MAX_IN_FLIGHT'>,
  ) {}

  /** Whether so many calls have failed that none goes out for now. */
  get isPausing(): boolean {
    return this.breaker.wait > 0;
  }

  /** Whether the model can be asked, as its service says. */
  async isReady(signal: AbortSignal): Promise<boolean> {
    try {
      const response = await fetch(new URL(readyPath, this.settings.ML_URL), {
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(readyPatience)]),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  async predict(request: PredictionRequest, caller: Caller): Promise<PredictionResponse> {
    const { ML_TIMEOUT_MS, ML_MAX_IN_FLIGHT } = this.settings;
    if (this.inFlight >= ML_MAX_IN_FLIGHT) {
      throw new RetryLaterException('As many predictions as possible are under way already');
    }
    const report = this.breaker.enter();
    if (report === undefined) {
      const seconds = Math.ceil(this.breaker.wait / 1_000);
      throw new RetryLaterException('Predictions have failed; they are tried again soon', seconds);
    }
    const deadline = AbortSignal.timeout(ML_TIMEOUT_MS);
    this.inFlight += 1;
    try {
      const response = await this.send({
        body: JSON.stringify(request),
        caller,
        end: performance.now() + ML_TIMEOUT_MS,
        signal: AbortSignal.any([deadline, caller.signal]),
      });
      const { predictions, modelVersion } = await read(response);
      if (predictions.length !== request.inputs.length) throw useless('not one for each input');
      report('answered');
      return { modelVersion, predictions };
    } catch (error) {
      const [outcome, exception] = explain(error, deadline, caller.signal);
      report(outcome);
      throw exception;
    } finally {
      this.inFlight -= 1;
    }
  }

  /** Tries once more where nobody was reached. */
  private async send(call: Call): Promise<Response> {
    try {
      return await this.post(call);
    } catch (error) {
      if (!unreached.has(codeOf(error))) throw error;
      const { signal } = call;
      await sleep(retryPause + Math.random() * retryJitter, undefined, { signal });
      return this.post(call);
    }
  }

  private post({ body, caller, end, signal }: Call): Promise<Response> {
    const left = Math.max(1, Math.floor(end - performance.now()));
    return fetch(new URL(predictPath, this.settings.ML_URL), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-deadline-ms': String(left),
        'x-request-id': caller.requestId,
        ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
      },
      body,
      redirect: 'manual',
      signal,
    });
  }
}

/** What an answer holds, where it is one that the contract knows. The body is read, or given up. */
async function read(response: Response): Promise<PredictionResponse> {
  const { status, headers } = response;
  const type = headers.get('content-type') ?? 'no type';
  if (!/^application\/(problem\+)?json\b/.test(type)) {
    await response.body?.cancel();
    throw useless(`status ${status}, ${type}`);
  }
  const body: unknown = await response.json().catch((cause: unknown) => {
    throw cause instanceof DOMException ? cause : useless('cut off, or not JSON', cause);
  });
  if (status === predicted) {
    const { data, error } = zPredictionResponse.safeParse(body);
    if (data === undefined) throw useless(z.prettifyError(error));
    return data;
  }
  if (status === notNow) {
    const { data } = zProblem.safeParse(body);
    const seconds = headers.get('retry-after') ?? '';
    const wait = /^\d{1,3}$/.test(seconds) ? Number(seconds) : 1;
    if (data !== undefined) throw new RetryLaterException(data.detail, wait);
  }
  if (status === refused) {
    const { data } = zValidationProblem.safeParse(body);
    if (data !== undefined) {
      throw new UnprocessableEntityException({ message: data.detail, errors: data.errors });
    }
  }
  throw useless(`status ${status}`);
}

/** What came of a call that has no result, for the breaker and for whoever asked. */
function explain(
  error: unknown,
  deadline: AbortSignal,
  leaving: AbortSignal,
): [outcome: Outcome, exception: unknown] {
  if (error instanceof BadGatewayException) return ['failed', error];
  if (error instanceof HttpException) return ['answered', error];
  if (leaving.aborted) return ['left', new RetryLaterException('Nobody waits for it any more')];
  if (deadline.aborted) {
    const options = { cause: error };
    return ['failed', new GatewayTimeoutException('The prediction takes too long', options)];
  }
  // Of what fetch throws only the cause says what was wrong.
  if (!(error instanceof TypeError) || error.cause === undefined) return ['failed', error];
  const { cause } = error;
  if (cause instanceof Error && cause.name === 'HTTPParserError') {
    return ['failed', useless('not HTTP', cause)];
  }
  return [
    'failed',
    new RetryLaterException('Predictions cannot be made at the moment', 1, { cause }),
  ];
}

function codeOf(error: unknown): string {
  const cause = error instanceof TypeError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** For an answer of which nothing is passed on; the log says what was wrong with it. */
function useless(fault: string, cause?: unknown): BadGatewayException {
  return new BadGatewayException('The answer to the prediction cannot be used', {
    cause: new Error(`The answer of the ML service: ${fault}`, { cause }),
  });
}
