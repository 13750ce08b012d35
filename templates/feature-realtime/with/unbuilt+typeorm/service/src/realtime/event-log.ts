import { MoreThan, type Repository } from 'typeorm';
import type { Database } from '../db/database.ts';
import { type NoteEventRow, noteEventEntity } from './note-event.entity.ts';
import type { Bounds, StoredEvent } from './note-event.ts';

export class EventLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The ids of the oldest and the newest event that are kept. */
  async bounds(): Promise<Bounds> {
    const found = await this.#run((events) =>
      events
        .createQueryBuilder('event')
        .select('MIN(event.id)', 'first')
        .addSelect('MAX(event.id)', 'last')
        .getRawOne<Record<keyof Bounds, number | string | null>>(),
    );
    return { first: Number(found?.first ?? 1), last: Number(found?.last ?? 0) };
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  after(id: number, limit: number): Promise<StoredEvent[]> {
    return this.#run((events) =>
      events.find({ where: { id: MoreThan(id) }, order: { id: 'ASC' }, take: limit }),
    );
  }

  #run<T>(work: (events: Repository<NoteEventRow>) => Promise<T>): Promise<T> {
    return this.#database.run((manager) => work(manager.getRepository(noteEventEntity)));
  }
}
