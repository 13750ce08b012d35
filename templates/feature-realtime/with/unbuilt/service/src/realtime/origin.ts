import type { IncomingMessage } from 'node:http';

/**
 * Whether a page of this origin may open a WebSocket: browsers ask no one before they do. Whoever
 * is no browser names no origin.
 */
export function isAllowedOrigin({ headers }: IncomingMessage, allowed: string[]): boolean {
  const { origin, host = '' } = headers;
  if (origin === undefined || allowed.includes(origin)) return true;
  if (!/^https?:/.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host: own } = new URL(origin);
  // A proxy may speak TLS in front of this service.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === own;
}
