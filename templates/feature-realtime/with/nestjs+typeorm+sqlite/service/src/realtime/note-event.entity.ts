import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What the triggers on the notes write: one row for each change, with the note as JSON. */
@Entity('note_events')
export class NoteEventEntity {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id: number;

  @Column('text')
  change: string;

  @Column('simple-json')
  note: unknown;
}
