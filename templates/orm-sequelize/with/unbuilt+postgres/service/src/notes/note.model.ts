import {
  type CreationOptional,
  DataTypes,
  fn,
  type InferAttributes,
  type InferCreationAttributes,
  literal,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';
import type { Note } from './note.ts';

interface NoteModel extends Model<InferAttributes<NoteModel>, InferCreationAttributes<NoteModel>> {
  id: CreationOptional<number>;
  title: string;
  body: string;
  createdAt: Date;
  updatedAt: Date;
}

export function defineNotes(sequelize: Sequelize): ModelStatic<NoteModel> {
  return sequelize.define<NoteModel>(
    'note',
    {
      id: {
        type: DataTypes.BIGINT,
        primaryKey: true,
        autoIncrement: true,
        // The driver gives a bigint as text.
        get() {
          return Number(this.getDataValue('id'));
        },
      },
      title: { type: DataTypes.TEXT, allowNull: false },
      body: { type: DataTypes.TEXT, allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
      updatedAt: { type: DataTypes.DATE, allowNull: false },
    },
    // Sequelize's own times stand still when two changes fall into one millisecond.
    { tableName: 'notes', underscored: true, timestamps: false },
  );
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
