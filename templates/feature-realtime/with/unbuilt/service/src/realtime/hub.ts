import type { Client } from './client.ts';
import type { Spoken } from './messages.ts';

/** The clients of this process, and who of them is in which room. */
export class Hub {
  readonly #clients = new Map<string, Client>();
  readonly #rooms = new Map<string, Set<Client>>();

  get clients(): Iterable<Client> {
    return this.#clients.values();
  }

  add(client: Client): void {
    this.#clients.set(client.id, client);
  }

  remove(client: Client): void {
    this.#clients.delete(client.id);
    for (const room of client.rooms) this.leave(client, room);
  }

  join(client: Client, room: string): void {
    // What was said just before the end may be heard after it.
    if (!this.#clients.has(client.id)) return;
    client.rooms.add(room);
    const members = this.#rooms.get(room) ?? new Set();
    this.#rooms.set(room, members.add(client));
  }

  leave(client: Client, room: string): void {
    client.rooms.delete(room);
    const members = this.#rooms.get(room);
    members?.delete(client);
    if (members?.size === 0) this.#rooms.delete(room);
  }

  /** Hands on what was said, here or in another process, to those whom it concerns. */
  deliver(message: Spoken): void {
    if (message.type === 'chat') {
      const text = JSON.stringify(message);
      for (const client of this.#rooms.get(message.room) ?? []) client.send(text);
    } else {
      const { to, ...notification } = message;
      this.#clients.get(to)?.send(JSON.stringify(notification));
    }
  }
}
