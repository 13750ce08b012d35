import dataSource from './data-source.js';
import { script } from './script.js';

await script(async () => {
  await dataSource.initialize();
  try {
    const applied = await dataSource.runMigrations();
    for (const { name } of applied) console.log(`Applied ${name}.`);
    if (applied.length === 0) console.log('The schema is up to date.');
  } finally {
    await dataSource.destroy();
  }
});
