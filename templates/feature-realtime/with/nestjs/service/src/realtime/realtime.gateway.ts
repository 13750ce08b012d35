import type { IncomingMessage } from 'node:http';
import {
  type BeforeApplicationShutdown,
  HttpException,
  Inject,
  Logger,
  ServiceUnavailableException,
  UseFilters,
} from '@nestjs/common';
import {
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import type { WebSocketServer as Server, WebSocket } from 'ws';
import type * as z from 'zod';
import { SETTINGS, type Settings } from '../config/settings.js';
import { Client, ConnectedClient } from './client.js';
import { FeedService } from './feed.service.js';
import { HubService } from './hub.service.js';
import { MessageFilter } from './message.filter.js';
import {
  chatSchema,
  nothingSchema,
  notifySchema,
  roomSchema,
  subscribeSchema,
} from './messages.js';
import type { Subscription } from './subscription.js';
import type { Upgrade } from './upgrade.js';

type Nothing = z.output<typeof nothingSchema>;

/** What clients say by WebSocket, a handler for each type of message. */
@UseFilters(MessageFilter)
@WebSocketGateway({ path: '/ws', maxPayload: 16 * 1024, perMessageDeflate: false })
export class RealtimeGateway
  implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect, BeforeApplicationShutdown
{
  @WebSocketServer()
  private readonly server: Server;

  private readonly logger = new Logger(RealtimeGateway.name);
  private beating?: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly feed: FeedService,
    private readonly hub: HubService,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'HEARTBEAT_SECONDS'>,
  ) {}

  afterInit(): void {
    this.beating = setInterval(() => {
      for (const client of this.hub.clients) client.ping();
    }, this.settings.HEARTBEAT_SECONDS * 1_000);
  }

  /** Makes a WebSocket of a request; rejects when that is not possible. */
  async accept(request: IncomingMessage, { socket, head }: Upgrade): Promise<void> {
    const lastEventId = await this.feed.lastEventId();
    if (this.closed) throw new ServiceUnavailableException('The service is shutting down');
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      this.server.emit('connection', webSocket, request);
      const client = Client.of(webSocket);
      client.send(JSON.stringify({ type: 'welcome', client: client.id, lastEventId }));
    });
  }

  handleConnection(socket: WebSocket): void {
    this.hub.add(new Client(socket));
  }

  handleDisconnect(socket: WebSocket): void {
    const client = Client.of(socket);
    client.subscription?.end('left');
    this.hub.remove(client);
  }

  /** Clients connect again, to another process or to the next one. */
  beforeApplicationShutdown(): void {
    this.closed = true;
    clearInterval(this.beating);
    for (const client of this.hub.clients) client.close(1001, 'shutting down');
  }

  @SubscribeMessage('subscribe')
  async subscribe(
    @ConnectedClient() client: Client,
    @MessageBody({ schema: subscribeSchema }) { lastEventId }: z.output<typeof subscribeSchema>,
  ): Promise<void> {
    const subscription = await this.feed.subscribe(lastEventId);
    client.subscription?.end('left');
    client.subscription = subscription;
    if (!client.isOpen) {
      subscription.end('left');
      return;
    }
    const type = subscription.reset ? 'reset' : 'subscribed';
    client.send(JSON.stringify({ type, lastEventId: subscription.start }));
    void this.follow(client, subscription);
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(
    @ConnectedClient() client: Client,
    @MessageBody({ schema: nothingSchema }) _nothing: Nothing,
  ): object {
    client.subscription?.end('left');
    client.subscription = undefined;
    return { type: 'unsubscribed' };
  }

  @SubscribeMessage('join')
  join(
    @ConnectedClient() client: Client,
    @MessageBody({ schema: roomSchema }) { room }: z.output<typeof roomSchema>,
  ): object {
    this.hub.join(client, room);
    return { type: 'joined', room };
  }

  @SubscribeMessage('leave')
  leave(
    @ConnectedClient() client: Client,
    @MessageBody({ schema: roomSchema }) { room }: z.output<typeof roomSchema>,
  ): object {
    this.hub.leave(client, room);
    return { type: 'left', room };
  }

  @SubscribeMessage('chat')
  async chat(
    @ConnectedClient() client: Client,
    @MessageBody({ schema: chatSchema }) { room, text }: z.output<typeof chatSchema>,
  ): Promise<void> {
    await this.hub.chat(client, room, text);
  }

  @SubscribeMessage('notify')
  async notify(
    @ConnectedClient() client: Client,
    @MessageBody({ schema: notifySchema }) { to, text }: z.output<typeof notifySchema>,
  ): Promise<void> {
    await this.hub.notify(client, to, text);
  }

  @SubscribeMessage('ping')
  ping(@MessageBody({ schema: nothingSchema }) _nothing: Nothing): object {
    return { type: 'pong' };
  }

  /** Hands the changes on as fast as the client takes them. */
  private async follow(client: Client, subscription: Subscription): Promise<void> {
    const { signal } = subscription;
    signal.addEventListener('abort', () => {
      if (signal.reason === 'too slow') client.close(1013, 'too slow');
    });
    try {
      for await (const { members } of subscription) {
        if (signal.aborted) return;
        await client.deliver(`{"type":"change",${members}}`);
      }
    } catch (error) {
      if (!(error instanceof HttpException)) {
        this.logger.error({ msg: 'subscription failed', err: error });
      }
      client.close(1013, 'changes cannot be read');
    }
  }
}
