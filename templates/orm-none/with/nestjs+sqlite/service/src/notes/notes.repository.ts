import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { NewNote, Note, NoteChanges } from './note.js';

interface Row {
  id: number;
  title: string;
  body: string;
  created_at: number;
  updated_at: number;
}

const toNote = (row: Row): Note => ({
  id: row.id,
  title: row.title,
  body: row.body,
  createdAt: new Date(row.created_at).toISOString(),
  updatedAt: new Date(row.updated_at).toISOString(),
});

@Injectable()
export class NotesRepository {
  constructor(private readonly database: Database) {}

  /** At most `limit` notes with an id above `after`, in order of their ids. */
  list({ limit, after }: { limit: number; after: number }): Promise<Note[]> {
    return this.database.run((connection) =>
      connection
        .prepare<[number, number], Row>('SELECT * FROM notes WHERE id > ? ORDER BY id LIMIT ?')
        .all(after, limit)
        .map(toNote),
    );
  }

  get(id: number): Promise<Note | undefined> {
    return this.database.run((connection) => {
      const row = connection.prepare<[number], Row>('SELECT * FROM notes WHERE id = ?').get(id);
      return row && toNote(row);
    });
  }

  create({ title, body }: NewNote): Promise<Note> {
    return this.database.run((connection) => {
      const now = Date.now();
      const { lastInsertRowid } = connection
        .prepare('INSERT INTO notes (title, body, created_at, updated_at) VALUES (?, ?, ?, ?)')
        .run(title, body, now, now);
      return toNote({
        id: Number(lastInsertRowid),
        title,
        body,
        created_at: now,
        updated_at: now,
      });
    });
  }

  /** Changes what is given. The time of the change moves on even within one millisecond. */
  update(id: number, { title, body }: NoteChanges): Promise<Note | undefined> {
    if (title === undefined && body === undefined) return this.get(id);
    return this.database.run((connection) => {
      const row = connection
        .prepare<[string | null, string | null, number, number], Row>(
          `UPDATE notes
           SET title = coalesce(?, title), body = coalesce(?, body), updated_at = max(?, updated_at + 1)
           WHERE id = ?
           RETURNING *`,
        )
        .get(title ?? null, body ?? null, Date.now(), id);
      return row && toNote(row);
    });
  }

  /** Whether there was such a note. */
  remove(id: number): Promise<boolean> {
    return this.database.run(
      (connection) => connection.prepare('DELETE FROM notes WHERE id = ?').run(id).changes > 0,
    );
  }
}
