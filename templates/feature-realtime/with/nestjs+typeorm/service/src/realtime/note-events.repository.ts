import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type Repository } from 'typeorm';
import { Database } from '../database/database.js';
import { NoteEventEntity } from './note-event.entity.js';
import type { Bounds, StoredEvent } from './note-event.js';

@Injectable()
export class NoteEventsRepository {
  constructor(
    @InjectRepository(NoteEventEntity) private readonly events: Repository<NoteEventEntity>,
    private readonly database: Database,
  ) {}

  /** The ids of the oldest and the newest event that are kept. */
  async bounds(): Promise<Bounds> {
    // A driver may give a bigint as text, whatever the types say.
    const [first, last]: unknown[] = await this.database.run(() =>
      Promise.all([this.events.minimum('id'), this.events.maximum('id')]),
    );
    return { first: Number(first ?? 1), last: Number(last ?? 0) };
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  after(id: number, limit: number): Promise<StoredEvent[]> {
    return this.database.run(() =>
      this.events.find({ where: { id: MoreThan(id) }, order: { id: 'ASC' }, take: limit }),
    );
  }
}
