import { EntitySchema } from 'typeorm';

export interface NoteEventRow {
  id: number;
  change: string;
  note: unknown;
}

/** What the triggers on the notes write: one row for each change, with the note as JSON. */
export const noteEventEntity = new EntitySchema<NoteEventRow>({
  name: 'noteEvent',
  tableName: 'note_events',
  columns: {
    id: { type: 'integer', primary: true, generated: 'increment' },
    change: { type: 'text' },
    note: { type: 'simple-json' },
  },
});
