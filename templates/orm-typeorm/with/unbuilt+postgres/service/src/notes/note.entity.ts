import { EntitySchema, type ValueTransformer } from 'typeorm';
import type { Note } from './note.ts';

/** The driver gives a bigint as text. */
const number: ValueTransformer = { to: (id: unknown) => id, from: Number };

const time: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: Date) => value.toISOString(),
};

export const noteEntity = new EntitySchema<Note>({
  name: 'note',
  tableName: 'notes',
  columns: {
    id: {
      type: 'bigint',
      primary: true,
      primaryKeyConstraintName: 'notes_pkey',
      generated: 'increment',
      transformer: number,
    },
    title: { type: 'text' },
    body: { type: 'text' },
    createdAt: { type: 'timestamptz', precision: 3, name: 'created_at', transformer: time },
    updatedAt: { type: 'timestamptz', precision: 3, name: 'updated_at', transformer: time },
  },
});

/** The time of a change, in SQL: it moves on even within one millisecond. */
export const changeTime = () => "greatest(now(), updated_at + interval '1 millisecond')";
