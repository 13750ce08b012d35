import { STATUS_CODES } from 'node:http';
import type { Response } from 'supertest';
import { expect } from 'vitest';

/** Expects a problem document, for a 422 about exactly these `fields`. */
export function expectProblem(answer: Response, status: number, fields?: string[]): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json\b/);
  const { errors, ...problem } = answer.body;
  expect(problem).toMatchObject({ type: 'about:blank', title: STATUS_CODES[status], status });
  expect(problem.detail).toMatch(/./);
  if (fields === undefined) {
    expect(errors).toBeUndefined();
  } else {
    const named: string[] = errors.map(({ field }: { field: string }) => field);
    expect(named.toSorted()).toEqual(fields.toSorted());
    for (const error of errors) expect(error.detail).toMatch(/./);
  }
}
