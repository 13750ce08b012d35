import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Bounds, StoredEvent } from './note-event.js';

interface Row {
  id: number;
  change: string;
  note: string;
}

@Injectable()
export class NoteEventsRepository {
  constructor(private readonly database: Database) {}

  /** The ids of the oldest and the newest event that are kept. */
  async bounds(): Promise<Bounds> {
    const row = await this.database.run((connection) =>
      connection
        .prepare<[], Bounds>(
          `SELECT coalesce(min(id), 1) AS "first", coalesce(max(id), 0) AS "last"
           FROM note_events`,
        )
        .get(),
    );
    return row!;
  }

  /** At most `limit` events with an id above `id`, in order of their ids. */
  after(id: number, limit: number): Promise<StoredEvent[]> {
    return this.database.run((connection) =>
      connection
        .prepare<[number, number], Row>(
          'SELECT * FROM note_events WHERE id > ? ORDER BY id LIMIT ?',
        )
        .all(id, limit)
        .map((row) => ({ ...row, note: JSON.parse(row.note) })),
    );
  }
}
