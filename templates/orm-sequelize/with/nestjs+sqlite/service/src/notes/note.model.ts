import {
  type CreationOptional,
  fn,
  type InferAttributes,
  type InferCreationAttributes,
  literal,
} from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';
import type { Note } from './note.js';

/**
 * Times are kept as milliseconds since 1970: SQLite has no type for them. Sequelize's own stand
 * still when two changes fall into one millisecond.
 */
@Table({ tableName: 'notes', underscored: true, timestamps: false })
export class NoteModel extends Model<
  InferAttributes<NoteModel>,
  InferCreationAttributes<NoteModel>
> {
  @Column({ type: DataType.INTEGER, primaryKey: true, autoIncrement: true })
  declare id: CreationOptional<number>;

  @Column({ type: DataType.TEXT, allowNull: false })
  declare title: string;

  @Column({ type: DataType.TEXT, allowNull: false })
  declare body: string;

  @Column({ type: DataType.INTEGER, allowNull: false })
  declare createdAt: number;

  @Column({ type: DataType.INTEGER, allowNull: false })
  declare updatedAt: number;
}

export const toNote = ({ id, title, body, createdAt, updatedAt }: NoteModel): Note => ({
  id,
  title,
  body,
  createdAt: new Date(createdAt).toISOString(),
  updatedAt: new Date(updatedAt).toISOString(),
});

/** The times of a new note. */
export function newTimes() {
  const now = Date.now();
  return { createdAt: now, updatedAt: now };
}

/** The time of a change, in SQL: it moves on even within one millisecond. */
export const changeTime = () => fn('max', Date.now(), literal('updated_at + 1'));
