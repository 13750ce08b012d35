import { STATUS_CODES } from 'node:http';
import * as z from 'zod';

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
    checks: z.record(z.string(), z.enum(['ok', 'failed'])).optional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457).' });

type ProblemBody = z.output<typeof problemSchema>;

export const problemType = 'application/problem+json';

interface ProblemOptions extends ErrorOptions, Pick<ProblemBody, 'errors' | 'checks'> {
  headers?: Record<string, string>;
}

/** An error that is an answer: throw it anywhere while a request is handled. */
export class Problem extends Error {
  override readonly name: string = 'Problem';
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly #members: Pick<ProblemBody, 'errors' | 'checks'>;

  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    const { headers = {}, cause, ...members } = options;
    super(detail, { cause });
    this.status = status;
    this.headers = headers;
    this.#members = members;
  }

  /** The body of the answer. */
  toJSON(): ProblemBody {
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.message,
      ...this.#members,
    };
  }
}

/** Something that the service depends on does not answer; the same request may work in a moment. */
export class Unavailable extends Problem {
  override readonly name = 'Unavailable';

  constructor(detail: string, options?: ErrorOptions) {
    super(503, detail, { ...options, headers: { 'Retry-After': '1' } });
  }
}

/**
 * A 422 that names each field that does not fit. A fault of the whole is reported under the name
 * `whole`.
 */
export function misfit(error: z.ZodError, whole: string): Problem {
  const errors = error.issues.flatMap(({ path, message, ...issue }) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          field: [...path, key].join('.') || whole,
          detail: 'Not a known field',
        }))
      : { field: path.join('.') || whole, detail: message },
  );
  return new Problem(422, 'The request does not fit what is expected here', { errors });
}
