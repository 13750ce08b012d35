import type { Database } from '../db/database.ts';
import type { Bounds, StoredEvent } from './note-event.ts';

interface Row {
  id: string; // a bigint, which node-postgres gives as text
  change: string;
  note: unknown;
}

export class EventLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The ids of the oldest and the newest event that are kept. */
  async bounds(): Promise<Bounds> {
    const { rows } = await this.#database.query<Record<keyof Bounds, string>>(
      'SELECT coalesce(min(id), 1) AS first, coalesce(max(id), 0) AS last FROM note_events',
    );
    return { first: Number(rows[0]!.first), last: Number(rows[0]!.last) };
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  async after(id: number, limit: number): Promise<StoredEvent[]> {
    const { rows } = await this.#database.query<Row>(
      'SELECT * FROM note_events WHERE id > $1 ORDER BY id LIMIT $2',
      [id, limit],
    );
    return rows.map((row) => ({ ...row, id: Number(row.id) }));
  }
}
