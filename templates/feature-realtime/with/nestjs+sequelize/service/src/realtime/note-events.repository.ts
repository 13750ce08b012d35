import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/sequelize';
import { Op } from 'sequelize';
import type { Repository } from 'sequelize-typescript';
import { Database } from '../database/database.js';
import { NoteEventModel } from './note-event.model.js';
import type { Bounds, StoredEvent } from './note-event.js';

@Injectable()
export class NoteEventsRepository {
  constructor(
    @InjectModel(NoteEventModel) private readonly events: Repository<NoteEventModel>,
    private readonly database: Database,
  ) {}

  /** The ids of the oldest and the newest event that are kept. */
  async bounds(): Promise<Bounds> {
    const [first, last] = await this.database.run(() =>
      Promise.all([
        this.events.min<number | string | null, NoteEventModel>('id'),
        this.events.max<number | string | null, NoteEventModel>('id'),
      ]),
    );
    return { first: Number(first ?? 1), last: Number(last ?? 0) };
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  async after(id: number, limit: number): Promise<StoredEvent[]> {
    const rows = await this.database.run(() =>
      this.events.findAll({ where: { id: { [Op.gt]: id } }, order: [['id', 'ASC']], limit }),
    );
    return rows.map(({ id: eventId, change, note }) => ({ id: eventId, change, note }));
  }
}
