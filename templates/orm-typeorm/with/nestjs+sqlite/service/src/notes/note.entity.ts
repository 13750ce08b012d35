import { Column, Entity, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm';
import type { Note } from './note.js';

/** Times are kept as milliseconds since 1970: SQLite has no type for them. */
const milliseconds: ValueTransformer = {
  to: (time: string) => Date.parse(time),
  from: (value: number) => new Date(value).toISOString(),
};

@Entity('notes')
export class NoteEntity implements Note {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id: number;

  @Column('text')
  title: string;

  @Column('text')
  body: string;

  @Column('integer', { name: 'created_at', transformer: milliseconds })
  createdAt: string;

  @Column('integer', { name: 'updated_at', transformer: milliseconds })
  updatedAt: string;
}

/** The time of a change, in SQL: it moves on even within one millisecond. */
export const changeTime = () => `max(${Date.now()}, updated_at + 1)`;
