import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of this origin may open a WebSocket; browsers leave that to the service. What
 * is no browser names no origin.
 */
export function isAllowedOrigin(
  { origin, host }: IncomingHttpHeaders,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  if (!/^https?:/.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host: theirs } = new URL(origin);
  // A proxy may speak TLS in front of the service, so the scheme is theirs.
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === theirs;
}
