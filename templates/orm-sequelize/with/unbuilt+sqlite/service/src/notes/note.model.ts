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

/** Times are kept as milliseconds since 1970: SQLite has no type for them. */
interface NoteModel extends Model<InferAttributes<NoteModel>, InferCreationAttributes<NoteModel>> {
  id: CreationOptional<number>;
  title: string;
  body: string;
  createdAt: number;
  updatedAt: number;
}

export function defineNotes(sequelize: Sequelize): ModelStatic<NoteModel> {
  return sequelize.define<NoteModel>(
    'note',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      title: { type: DataTypes.TEXT, allowNull: false },
      body: { type: DataTypes.TEXT, allowNull: false },
      createdAt: { type: DataTypes.INTEGER, allowNull: false },
      updatedAt: { type: DataTypes.INTEGER, allowNull: false },
    },
    // Sequelize's own times stand still when two changes fall into one millisecond.
    { tableName: 'notes', underscored: true, timestamps: false },
  );
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
