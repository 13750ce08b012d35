import { STATUS_CODES } from 'node:http';
import * as z from 'zod';

/** What every answer of 400 and above holds. */
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

export type Problem = z.output<typeof problemSchema>;

export const problemType = 'application/problem+json';

export function createProblem(
  status: number,
  detail: string,
  members: Pick<Problem, 'errors' | 'checks'> = {},
): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, detail, ...members };
}
