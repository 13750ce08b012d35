import { DataTypes } from 'sequelize';
import type { Migration } from '../migrator.js';

export const up: Migration['up'] = async (schema, transaction) => {
  await schema.createTable(
    'note_events',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      change: { type: DataTypes.TEXT, allowNull: false },
      note: { type: DataTypes.TEXT, allowNull: false },
    },
    { transaction },
  );
  // Every change of a note writes an event, whoever makes it.
  const triggers = [
    ['created', 'INSERT', 'NEW'],
    ['updated', 'UPDATE', 'NEW'],
    ['deleted', 'DELETE', 'OLD'],
  ];
  for (const [change, operation, row] of triggers) {
    await schema.sequelize.query(
      `CREATE TRIGGER notes_${change} AFTER ${operation} ON notes BEGIN
         INSERT INTO note_events (change, note) VALUES ('${change}', json_object(
           'id', ${row}.id, 'title', ${row}.title, 'body', ${row}.body,
           'created_at', ${row}.created_at, 'updated_at', ${row}.updated_at
         ));
       END`,
      { transaction },
    );
  }
  // The newest 10,000 are kept.
  await schema.sequelize.query(
    `CREATE TRIGGER note_events_pruned AFTER INSERT ON note_events BEGIN
       DELETE FROM note_events WHERE id <= NEW.id - 10000;
     END`,
    { transaction },
  );
};

export const down: Migration['down'] = async (schema, transaction) => {
  for (const change of ['created', 'updated', 'deleted']) {
    await schema.sequelize.query(`DROP TRIGGER notes_${change}`, { transaction });
  }
  await schema.dropTable('note_events', { transaction });
};
