import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import type { Answer } from './service.ts';

/** Asserts that `answer` is a problem document, for a 422 about exactly these `fields`. */
export function assertProblem(answer: Answer, status: number, fields?: string[]): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
  const { type, title, detail, errors, ...rest } = answer.json();
  assert.equal(type, 'about:blank');
  assert.equal(title, STATUS_CODES[status]);
  assert.equal(rest['status'], status);
  assert.ok(typeof detail === 'string' && detail !== '');
  if (fields === undefined) {
    assert.equal(errors, undefined);
  } else {
    assert.ok(Array.isArray(errors), answer.text);
    const named: string[] = errors.map(({ field }) => field);
    assert.deepEqual(named.toSorted(), fields.toSorted());
    for (const error of errors) assert.ok(typeof error.detail === 'string' && error.detail !== '');
  }
}
