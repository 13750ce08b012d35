import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { NewNote, Note, NoteChanges } from './note.js';

interface Row {
  id: string; // a bigint, which node-postgres gives as text
  title: string;
  body: string;
  created_at: Date;
  updated_at: Date;
}

const toNote = (row: Row): Note => ({
  id: Number(row.id),
  title: row.title,
  body: row.body,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

@Injectable()
export class NotesRepository {
  constructor(private readonly database: Database) {}

  /** At most `limit` notes with an id above `after`, in order of their ids. */
  async list({ limit, after }: { limit: number; after: number }): Promise<Note[]> {
    const { rows } = await this.database.query<Row>(
      'SELECT * FROM notes WHERE id > $1 ORDER BY id LIMIT $2',
      [after, limit],
    );
    return rows.map(toNote);
  }

  async get(id: number): Promise<Note | undefined> {
    const { rows } = await this.database.query<Row>('SELECT * FROM notes WHERE id = $1', [id]);
    return rows.map(toNote)[0];
  }

  async create({ title, body }: NewNote): Promise<Note> {
    const { rows } = await this.database.query<Row>(
      'INSERT INTO notes (title, body) VALUES ($1, $2) RETURNING *',
      [title, body],
    );
    return toNote(rows[0]!);
  }

  /** Changes what is given. The time of the change moves on even within one millisecond. */
  async update(id: number, { title, body }: NoteChanges): Promise<Note | undefined> {
    if (title === undefined && body === undefined) return this.get(id);
    const { rows } = await this.database.query<Row>(
      `UPDATE notes
       SET title = coalesce($2, title), body = coalesce($3, body),
           updated_at = greatest(now(), updated_at + interval '1 millisecond')
       WHERE id = $1
       RETURNING *`,
      [id, title, body],
    );
    return rows.map(toNote)[0];
  }

  /** Whether there was such a note. */
  async remove(id: number): Promise<boolean> {
    const { rowCount } = await this.database.query('DELETE FROM notes WHERE id = $1', [id]);
    return rowCount === 1;
  }
}
