import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';
import type { Note } from './note.js';

/** The driver gives a bigint as text. */
const number: ValueTransformer = { to: (id: unknown) => id, from: Number };

const time: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: Date) => value.toISOString(),
};

@Entity('notes')
export class NoteEntity implements Note {
  @PrimaryColumn('bigint', {
    generated: 'increment',
    primaryKeyConstraintName: 'notes_pkey',
    transformer: number,
  })
  id: number;

  @Column('text')
  title: string;

  @Column('text')
  body: string;

  @Column({ type: 'timestamptz', precision: 3, name: 'created_at', transformer: time })
  createdAt: string;

  @Column({ type: 'timestamptz', precision: 3, name: 'updated_at', transformer: time })
  updatedAt: string;
}

/** The time of a change, in SQL: it moves on even within one millisecond. */
export const changeTime = () => "greatest(now(), updated_at + interval '1 millisecond')";
