import { once } from 'node:events';
import type { Server } from 'node:http';
import { BadRequestException } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { concatMap, EMPTY, finalize, fromEvent, type Observable, of, takeUntil, tap } from 'rxjs';
import type { MessageEvent, WebSocket, WebSocketServer } from 'ws';
import * as z from 'zod';
import { Client } from './client.js';
import { routeUpgrades } from './upgrade.js';

const messageSchema = z.looseObject({ type: z.string() });

/**
 * Nest's adapter for `ws`, with handshakes that come by a route, and messages that say in `type`
 * what they are, each of which waits for the one before it.
 */
export class RealtimeAdapter extends WsAdapter {
  override bindMessageHandlers(
    socket: WebSocket,
    handlers: MessageMappingProperties[],
    transform: (result: unknown) => Observable<unknown>,
  ): void {
    const client = Client.of(socket);
    const byType = new Map(handlers.map((handler) => [handler.message, handler]));
    let waiting = 0;
    fromEvent<MessageEvent>(socket, 'message')
      .pipe(
        takeUntil(fromEvent(socket, 'close')),
        // Nothing more is read until this is answered, so that nothing piles up.
        tap(() => {
          waiting += 1;
          socket.pause();
        }),
        concatMap(({ data }) =>
          this.handle(client, data, byType, transform).pipe(
            finalize(() => {
              waiting -= 1;
              if (waiting === 0) socket.resume();
            }),
          ),
        ),
      )
      .subscribe((answer) => {
        if (answer !== undefined) client.send(JSON.stringify(answer));
      });
  }

  override bindErrorHandler(server: WebSocketServer): WebSocketServer {
    // Thrown through `handleUpgrade`, which would answer by itself and tell nobody.
    server.on('wsClientError', ({ message }) => {
      throw new BadRequestException(message);
    });
    // What is wrong with a frame closes the connection too, with a code that says it.
    return server.on('connection', (socket) => socket.on('error', () => {}));
  }

  /** The gateway has said goodbye to its clients; this waits until they are gone. */
  override async close(server: WebSocketServer): Promise<void> {
    server.close();
    await once(server, 'close');
  }

  protected override ensureHttpServerExists(port: number, server: Server): Server {
    this.httpServersRegistry.set(port, server);
    routeUpgrades(server);
    return server;
  }

  private handle(
    client: Client,
    data: MessageEvent['data'],
    handlers: Map<string, MessageMappingProperties>,
    transform: (result: unknown) => Observable<unknown>,
  ): Observable<unknown> {
    if (typeof data !== 'string') {
      client.close(1003, 'text only');
      return EMPTY;
    }
    const { data: message } = messageSchema.safeParse(parse(data));
    if (message === undefined) return of(refusal('A message has to be a JSON object with a type'));
    const { type, ...payload } = message;
    const handler = handlers.get(type);
    if (handler === undefined) return of(refusal('There is no such type of message'));
    return transform(handler.callback(payload, type));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refusal = (detail: string) => ({ type: 'error', detail });
