import { Sequelize } from 'sequelize-typescript';
import { loadSettings } from '../config/settings.js';
import { unwrap } from './errors.js';
import { createMigrator } from './migrator.js';
import { script } from './script.js';
import { sequelizeOptions } from './sequelize-options.js';

const sequelize = new Sequelize(sequelizeOptions(loadSettings(), 'migration'));
await script(async () => {
  try {
    const applied = await createMigrator(sequelize).up().catch(unwrap);
    for (const { name } of applied) console.log(`Applied ${name}.`);
    if (applied.length === 0) console.log('The schema is up to date.');
  } finally {
    await sequelize.close();
  }
});
