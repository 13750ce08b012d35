import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Bounds, StoredEvent } from './note-event.js';

interface Row {
  id: string; // a bigint, which node-postgres gives as text
  change: string;
  note: unknown;
}

@Injectable()
export class NoteEventsRepository {
  constructor(private readonly database: Database) {}

  /** The ids of the oldest and the newest event that are kept. */
  async bounds(): Promise<Bounds> {
    const { rows } = await this.database.query<{ first: string | null; last: string | null }>(
      'SELECT min(id) AS first, max(id) AS last FROM note_events',
    );
    return { first: Number(rows[0]?.first ?? 1), last: Number(rows[0]?.last ?? 0) };
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  async after(id: number, limit: number): Promise<StoredEvent[]> {
    const { rows } = await this.database.query<Row>(
      'SELECT * FROM note_events WHERE id > $1 ORDER BY id LIMIT $2',
      [id, limit],
    );
    return rows.map((row) => ({ ...row, id: Number(row.id) }));
  }
}
