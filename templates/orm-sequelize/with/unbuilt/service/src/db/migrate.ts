import { loadSettings } from '../settings.ts';
import { unwrap } from './errors.ts';
import { createMigrator } from './migrator.ts';
import { script } from './script.ts';
import { createSequelize } from './sequelize.ts';

const sequelize = createSequelize(loadSettings(), 'migration');
await script(async () => {
  try {
    const applied = await createMigrator(sequelize).up().catch(unwrap);
    for (const { name } of applied) console.log(`Applied ${name}.`);
    if (applied.length === 0) console.log('The schema is up to date.');
  } finally {
    await sequelize.close();
  }
});
