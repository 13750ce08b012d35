import { EntitySchema, type ValueTransformer } from 'typeorm';
import type { Note } from './note.ts';

/** Times are kept as milliseconds since 1970: SQLite has no type for them. */
const milliseconds: ValueTransformer = {
  to: (time: string) => Date.parse(time),
  from: (value: number) => new Date(value).toISOString(),
};

export const noteEntity = new EntitySchema<Note>({
  name: 'note',
  tableName: 'notes',
  columns: {
    id: { type: 'integer', primary: true, generated: 'increment' },
    title: { type: 'text' },
    body: { type: 'text' },
    createdAt: { type: 'integer', name: 'created_at', transformer: milliseconds },
    updatedAt: { type: 'integer', name: 'updated_at', transformer: milliseconds },
  },
});

/** The time of a change, in SQL: it moves on even within one millisecond. */
export const changeTime = () => `max(${Date.now()}, updated_at + 1)`;
