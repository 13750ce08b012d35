import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMigrator } from '../src/db/migrator.ts';
import { defineModels } from '../src/db/models.ts';
import { createSequelize } from '../src/db/sequelize.ts';
import { readSettings } from '../src/settings.ts';
import { createDatabase } from './database.ts';

test('the migrations bring a database to what the models describe, and back', async (t) => {
  const database = await createDatabase();
  t.after(() => database.drop());
  const sequelize = createSequelize(readSettings({ DATABASE_URL: database.url }), 'migration');
  t.after(() => sequelize.close());
  const models = Object.values(defineModels(sequelize));
  const schema = sequelize.getQueryInterface();
  const describe = () =>
    Promise.all(
      models.map(async ({ tableName }) => ({
        tableName,
        columns: await schema.describeTable(tableName),
        indexes: await schema.showIndex(tableName),
        references: await schema.getForeignKeyReferencesForTable(tableName),
      })),
    );

  const migrated = await describe();
  await createMigrator(sequelize).down({ to: 0 });
  const left = await schema.showAllTables();
  for (const { tableName } of models) assert.ok(!left.includes(tableName), tableName);

  await sequelize.sync();
  assert.deepEqual(migrated, await describe());
});
