import type { Database } from '../db/database.ts';
import type { Bounds, StoredEvent } from './note-event.ts';

interface Row {
  id: number;
  change: string;
  note: string;
}

export class EventLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The ids of the oldest and the newest event that are kept. */
  bounds(): Promise<Bounds> {
    return this.#database.run((connection) =>
      connection
        .prepare<[], Bounds>(
          'SELECT coalesce(min(id), 1) AS first, coalesce(max(id), 0) AS last FROM note_events',
        )
        .get()!,
    );
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  async after(id: number, limit: number): Promise<StoredEvent[]> {
    const rows = await this.#database.run((connection) =>
      connection
        .prepare<[number, number], Row>(
          'SELECT * FROM note_events WHERE id > ? ORDER BY id LIMIT ?',
        )
        .all(id, limit),
    );
    return rows.map((row) => ({ ...row, note: JSON.parse(row.note) }));
  }
}
