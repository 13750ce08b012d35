import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize';
import { Column, DataType, Model, Table } from 'sequelize-typescript';

/** What the triggers on the notes write: one row for each change, with the note as JSON. */
@Table({ tableName: 'note_events', timestamps: false })
export class NoteEventModel extends Model<
  InferAttributes<NoteEventModel>,
  InferCreationAttributes<NoteEventModel>
> {
  @Column({ type: DataType.INTEGER, primaryKey: true, autoIncrement: true })
  declare id: CreationOptional<number>;

  @Column({ type: DataType.TEXT, allowNull: false })
  declare change: string;

  @Column({
    type: DataType.TEXT,
    allowNull: false,
    get(this: NoteEventModel) {
      return JSON.parse(String(this.getDataValue('note')));
    },
  })
  declare note: unknown;
}
