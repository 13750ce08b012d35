import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a request holds that wants to leave HTTP. */
interface Upgrade {
  socket: Duplex;
  head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/**
 * Node.js hands a request for another protocol to whoever wants to speak that. Here it becomes a
 * request like all others, so that what holds for every route holds for it too: its id, its line
 * in the log, and a problem document when it is refused.
 */
export function routeUpgrades(server: Server): void {
  server.on('upgrade', (request, socket, head) => {
    // Without a listener the end of a connection in between would end the process.
    socket.on('error', () => socket.destroy());
    if (!(socket instanceof Socket)) throw new Error('not a connection');
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    try {
      response.assignSocket(socket);
    } catch {
      // The answer to an earlier request is not out yet: nobody may begin to speak before that.
      socket.destroy();
      return;
    }
    response.once('finish', () => socket.destroySoon());
    upgrades.set(request, { socket, head });
    server.emit('request', request, response);
  });
}

/** What belongs to a request that came by `routeUpgrades`. */
export function upgradeOf(request: IncomingMessage): Upgrade | undefined {
  return upgrades.get(request);
}

/**
 * Whatever else offers another protocol takes HTTP as well. Node.js asks this before it reads on:
 * behind a request that leaves HTTP it reads no body.
 */
export function wantsWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Whether a request is one for a WebSocket, as RFC 6455 has it. */
export function isHandshake(request: IncomingMessage): boolean {
  const { headers } = request;
  return (
    wantsWebSocket(request) &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')
  );
}
