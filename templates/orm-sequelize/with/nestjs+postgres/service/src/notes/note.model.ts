import {
  type CreationOptional,
  fn,
  type InferAttributes,
  type InferCreationAttributes,
  literal,
} from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';
import type { Note } from './note.js';

/** Sequelize's own times stand still when two changes fall into one millisecond. */
@Table({ tableName: 'notes', underscored: true, timestamps: false })
export class NoteModel extends Model<
  InferAttributes<NoteModel>,
  InferCreationAttributes<NoteModel>
> {
  @Column({
    type: DataType.BIGINT,
    primaryKey: true,
    autoIncrement: true,
    // The driver gives a bigint as text.
    get(this: NoteModel) {
      return Number(this.getDataValue('id'));
    },
  })
  declare id: CreationOptional<number>;

  @Column({ type: DataType.TEXT, allowNull: false })
  declare title: string;

  @Column({ type: DataType.TEXT, allowNull: false })
  declare body: string;

  @Column({ type: DataType.DATE, allowNull: false })
  declare createdAt: Date;

  @Column({ type: DataType.DATE, allowNull: false })
  declare updatedAt: Date;
}

export const toNote = ({ id, title, body, createdAt, updatedAt }: NoteModel): Note => ({
  id,
  title,
  body,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

/** The times of a new note. */
export function newTimes() {
  const now = new Date();
  return { createdAt: now, updatedAt: now };
}

/** The time of a change, in SQL: it moves on even within one millisecond. */
export const changeTime = () =>
  fn('greatest', new Date(), literal("updated_at + interval '1 millisecond'"));
