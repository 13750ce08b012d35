import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** What is left of a request that wants to speak something else than HTTP. */
export interface Upgrade {
  socket: Socket;
  head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/**
 * Makes a request that wants to leave HTTP one like all others: its id, its line in the log, the
 * routes and the filter for what is refused are there for it as well.
 */
export function routeUpgrades(server: Server): void {
  server.on('upgrade', (request, socket, head) => {
    if (!(socket instanceof Socket)) throw new Error('This is no connection');
    // Without a listener a connection that breaks would end the process.
    socket.on('error', () => socket.destroy());
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

/**
 * Whatever else offers another protocol takes HTTP as well. Node.js asks this before it reads on:
 * behind a request that leaves HTTP it reads no body.
 */
export function wantsWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** What belongs to a request for a WebSocket as RFC 6455 has it; undefined for any other. */
export function handshakeOf(request: IncomingMessage): Upgrade | undefined {
  const { headers } = request;
  const isHandshake =
    wantsWebSocket(request) &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '');
  return isHandshake ? upgrades.get(request) : undefined;
}
