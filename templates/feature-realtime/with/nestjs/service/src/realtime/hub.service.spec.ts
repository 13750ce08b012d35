import { Test } from '@nestjs/testing';
import { WsException } from '@nestjs/websockets';
import { Subject } from 'rxjs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { BusService } from './bus.service.js';
import { Client } from './client.js';
import { HubService } from './hub.service.js';
import type { Spoken } from './messages.js';

describe('HubService', () => {
  const spoken = new Subject<Spoken>();
  const publish = vi.fn<BusService['publish']>();
  let hub: HubService;

  const clientOf = (id: string) => {
    const send = vi.fn<Client['send']>();
    const fields = { id, rooms: new Set<string>(), send };
    const client: Client = Object.assign(Object.create(Client.prototype), fields);
    hub.add(client);
    return { client, send };
  };

  beforeEach(async () => {
    vi.resetAllMocks();
    const module = await Test.createTestingModule({
      providers: [HubService, { provide: BusService, useValue: { spoken, publish } }],
    }).compile();
    hub = module.get(HubService);
  });

  test('tells the others who speaks', async () => {
    const { client } = clientOf('ann');
    await expect(hub.chat(client, 'lobby', 'Hello')).rejects.toThrow(WsException);
    hub.join(client, 'lobby');
    await hub.chat(client, 'lobby', 'Hello');
    const said = { type: 'chat', room: 'lobby', from: 'ann', text: 'Hello' };
    expect(publish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(said));
  });

  test('forgets the rooms of a client that has gone', () => {
    const { client, send } = clientOf('ann');
    hub.join(client, 'lobby');
    hub.remove(client);
    spoken.next({ type: 'chat', room: 'lobby', from: 'ben', text: 'Hello', at: '' });
    spoken.next({ type: 'notification', to: 'ann', from: 'ben', text: 'Hello', at: '' });
    expect(send).not.toHaveBeenCalled();
    expect([...hub.clients]).toEqual([]);
    hub.join(client, 'lobby');
    expect(client.rooms.size).toBe(0);
  });
});
