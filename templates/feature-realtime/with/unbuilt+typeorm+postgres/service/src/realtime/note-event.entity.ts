import { EntitySchema, type ValueTransformer } from 'typeorm';

export interface NoteEventRow {
  id: number;
  change: string;
  note: unknown;
}

/** The driver gives a bigint as text. */
const number: ValueTransformer = { to: (id: unknown) => id, from: Number };

/** What the triggers on the notes write: one row for each change, with the note as JSON. */
export const noteEventEntity = new EntitySchema<NoteEventRow>({
  name: 'noteEvent',
  tableName: 'note_events',
  columns: {
    id: {
      type: 'bigint',
      primary: true,
      primaryKeyConstraintName: 'note_events_pkey',
      generated: 'increment',
      transformer: number,
    },
    change: { type: 'text' },
    note: { type: 'jsonb' },
  },
});
