import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';

/** The driver gives a bigint as text. */
const number: ValueTransformer = { to: (id: unknown) => id, from: Number };

/** What the triggers on the notes write: one row for each change, with the note as JSON. */
@Entity('note_events')
export class NoteEventEntity {
  @PrimaryColumn('bigint', {
    generated: 'increment',
    primaryKeyConstraintName: 'note_events_pkey',
    transformer: number,
  })
  id: number;

  @Column('text')
  change: string;

  @Column('jsonb')
  note: unknown;
}
