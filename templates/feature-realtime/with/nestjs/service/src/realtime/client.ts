import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { patience, type Subscription } from './subscription.js';

/** Milliseconds for the answer to a close frame, after which the connection is cut. */
export const closePatience = 500;

const clients = new WeakMap<WebSocket, Client>();

/** One WebSocket, and what its client has asked for. */
export class Client {
  readonly id = randomUUID();
  readonly rooms = new Set<string>();
  subscription: Subscription | undefined;
  private alive = true;

  constructor(private readonly socket: WebSocket) {
    clients.set(socket, this);
    socket.on('pong', () => (this.alive = true));
  }

  /** The client of a socket that is connected. */
  static of(socket: WebSocket): Client {
    const client = clients.get(socket);
    if (client === undefined) throw new Error('This socket was never connected');
    return client;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Sends a message that is JSON already; who has too much waiting is let go. */
  send(message: string): void {
    if (!this.isOpen) return;
    if (this.socket.bufferedAmount > patience) this.close(1013, 'too slow');
    else this.socket.send(message);
  }

  /** Sends it as well, and waits until it is on its way. */
  async deliver(message: string): Promise<void> {
    await new Promise((resolve) => {
      this.socket.send(message, resolve);
    });
  }

  /** Asks for a sign of life; who gave none since the last time is cut off. */
  ping(): void {
    if (!this.alive) this.socket.terminate();
    this.alive = false;
    if (this.isOpen) this.socket.ping();
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.subscription?.end('left');
    this.socket.close(code, reason);
    const cutOff = setTimeout(() => this.socket.terminate(), closePatience);
    this.socket.once('close', () => clearTimeout(cutOff));
  }
}

/** The client that a handler of messages works for. */
export const ConnectedClient = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  Client.of(context.switchToWs().getClient()),
);
