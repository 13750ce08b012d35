import type * as z from 'zod';
import { misfit } from './problem.ts';

/** Parses a part of a request, or throws a 422 that names each field that does not fit. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  part: 'body' | 'params' | 'query',
): z.output<Schema> {
  const result = schema.safeParse(data);
  if (!result.success) throw misfit(result.error, part);
  return result.data;
}
