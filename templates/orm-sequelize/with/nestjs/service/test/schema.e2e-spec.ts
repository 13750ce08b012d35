import { Sequelize } from 'sequelize-typescript';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../src/config/settings.js';
import { sequelizeOptions } from '../src/database/sequelize-options.js';
import { createDatabase } from './database.js';

test('the migrations bring a database to what the models describe', async () => {
  const migrated = await openDatabase();
  const described = await openDatabase();
  await described.sync({ force: true });
  const tables = await describeTables(described);
  expect(tables.map(({ tableName }) => tableName)).toContain('notes');
  expect(await describeTables(migrated)).toEqual(tables);
});

async function openDatabase(): Promise<Sequelize> {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const settings = readSettings({ DATABASE_URL: database.url });
  const sequelize = new Sequelize(sequelizeOptions(settings, 'migration'));
  onTestFinished(() => sequelize.close());
  return sequelize;
}

function describeTables(sequelize: Sequelize) {
  const schema = sequelize.getQueryInterface();
  return Promise.all(
    Object.values(sequelize.models).map(async ({ tableName }) => ({
      tableName,
      columns: await schema.describeTable(tableName),
      indexes: await schema.showIndex(tableName),
      references: await schema.getForeignKeyReferencesForTable(tableName),
    })),
  );
}
