import { loadSettings } from '../settings.ts';
import { openDatabase } from './database.ts';
import { script } from './script.ts';

// Says in one line what is wrong with the settings or the database, before Prisma works on it.
const database = openDatabase(loadSettings());
await script(async () => {
  try {
    await database.ping();
  } finally {
    await database.close();
  }
});
