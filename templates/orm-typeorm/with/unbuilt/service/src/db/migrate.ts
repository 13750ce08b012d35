import { loadSettings } from '../settings.ts';
import { createDataSource } from './data-source.ts';
import { script } from './script.ts';

const source = createDataSource(loadSettings(), 'migration');
await script(async () => {
  await source.initialize();
  try {
    const applied = await source.runMigrations();
    for (const { name } of applied) console.log(`Applied ${name}.`);
    if (applied.length === 0) console.log('The schema is up to date.');
  } finally {
    await source.destroy();
  }
});
