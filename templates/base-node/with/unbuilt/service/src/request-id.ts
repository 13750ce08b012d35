import { randomUUID } from 'node:crypto';

/** The caller's id when it is safe to log and to echo, otherwise a new one. */
export function requestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(header)
    ? header
    : randomUUID();
}
