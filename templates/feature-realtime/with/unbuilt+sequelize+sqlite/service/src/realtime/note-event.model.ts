import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';

/** What the triggers on the notes write: one row for each change, with the note as JSON. */
export interface NoteEventModel extends Model<
  InferAttributes<NoteEventModel>,
  InferCreationAttributes<NoteEventModel>
> {
  id: CreationOptional<number>;
  change: string;
  note: unknown;
}

export function defineNoteEvents(sequelize: Sequelize): ModelStatic<NoteEventModel> {
  return sequelize.define<NoteEventModel>(
    'noteEvent',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      change: { type: DataTypes.TEXT, allowNull: false },
      note: {
        type: DataTypes.TEXT,
        allowNull: false,
        get() {
          return JSON.parse(String(this.getDataValue('note')));
        },
      },
    },
    { tableName: 'note_events', timestamps: false },
  );
}
