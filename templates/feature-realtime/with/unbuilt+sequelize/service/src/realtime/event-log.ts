import { Op } from 'sequelize';
import type { Database } from '../db/database.ts';
import type { NoteEventModel } from './note-event.model.ts';
import type { Bounds, StoredEvent } from './note-event.ts';

export class EventLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The ids of the oldest and the newest event that are kept. */
  bounds(): Promise<Bounds> {
    return this.#database.run(async ({ noteEvents }) => {
      const last = await noteEvents.max<number | null, NoteEventModel>('id');
      const first = await noteEvents.min<number | null, NoteEventModel>('id');
      return { first: first ?? 1, last: last ?? 0 };
    });
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  async after(id: number, limit: number): Promise<StoredEvent[]> {
    const rows = await this.#database.run(({ noteEvents }) =>
      noteEvents.findAll({ where: { id: { [Op.gt]: id } }, order: [['id', 'ASC']], limit }),
    );
    return rows.map((row) => ({ id: row.id, change: row.change, note: row.note }));
  }
}
