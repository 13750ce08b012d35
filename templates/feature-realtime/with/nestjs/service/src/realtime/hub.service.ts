import { Injectable } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import { BusService } from './bus.service.js';
import type { Client } from './client.js';
import type { Spoken } from './messages.js';

/** Rooms that a client may be in. */
const mostRooms = 20;

/** The clients of this process, and who of them is in which room. */
@Injectable()
export class HubService {
  private readonly byId = new Map<string, Client>();
  private readonly rooms = new Map<string, Set<Client>>();

  constructor(private readonly bus: BusService) {
    bus.spoken.subscribe((message) => this.hear(message));
  }

  get clients(): Iterable<Client> {
    return this.byId.values();
  }

  add(client: Client): void {
    this.byId.set(client.id, client);
  }

  remove(client: Client): void {
    this.byId.delete(client.id);
    for (const room of client.rooms) this.leave(client, room);
  }

  join(client: Client, room: string): void {
    // What was said just before the end may be heard after it.
    if (!this.byId.has(client.id)) return;
    if (!client.rooms.has(room) && client.rooms.size === mostRooms) {
      throw new WsException(`A client may be in ${mostRooms} rooms`);
    }
    client.rooms.add(room);
    const members = this.rooms.get(room) ?? new Set();
    this.rooms.set(room, members.add(client));
  }

  leave(client: Client, room: string): void {
    client.rooms.delete(room);
    const members = this.rooms.get(room);
    members?.delete(client);
    if (members?.size === 0) this.rooms.delete(room);
  }

  /** Says something to everyone in a room, wherever they are. */
  async chat(client: Client, room: string, text: string): Promise<void> {
    if (!client.rooms.has(room)) throw new WsException('Join the room before you speak in it');
    await this.bus.publish({ type: 'chat', room, from: client.id, text, at: now() });
  }

  /** Says something to one client, wherever it is. */
  async notify(client: Client, to: string, text: string): Promise<void> {
    await this.bus.publish({ type: 'notification', to, from: client.id, text, at: now() });
  }

  /** Hands on what was said, here or in another process, to those whom it concerns. */
  private hear(message: Spoken): void {
    if (message.type === 'chat') {
      const text = JSON.stringify(message);
      for (const client of this.rooms.get(message.room) ?? []) client.send(text);
    } else {
      const { to, ...notification } = message;
      this.byId.get(to)?.send(JSON.stringify(notification));
    }
  }
}

const now = () => new Date().toISOString();
