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
      id: {
        type: DataTypes.BIGINT,
        primaryKey: true,
        autoIncrement: true,
        // The driver gives a bigint as text.
        get() {
          return Number(this.getDataValue('id'));
        },
      },
      change: { type: DataTypes.TEXT, allowNull: false },
      note: { type: DataTypes.JSONB, allowNull: false },
    },
    { tableName: 'note_events', timestamps: false },
  );
}
