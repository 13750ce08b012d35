import { DataTypes } from 'sequelize';
import type { Migration } from '../migrator.js';

export const up: Migration['up'] = async (schema, transaction) => {
  // With autoIncrement the id of a deleted note is never given to another.
  await schema.createTable(
    'notes',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      title: { type: DataTypes.TEXT, allowNull: false },
      body: { type: DataTypes.TEXT, allowNull: false },
      created_at: { type: DataTypes.INTEGER, allowNull: false },
      updated_at: { type: DataTypes.INTEGER, allowNull: false },
    },
    { transaction },
  );
};

export const down: Migration['down'] = (schema, transaction) =>
  schema.dropTable('notes', { transaction });
