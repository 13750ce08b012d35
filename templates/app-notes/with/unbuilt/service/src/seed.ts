import { openDatabase } from './db/database.ts';
import { script } from './db/script.ts';
import { NoteStore } from './notes/store.ts';
import { loadSettings } from './settings.ts';

const examples = [
  { title: 'Welcome', body: 'This note came from src/seed.ts.' },
  { title: 'Shopping', body: 'Milk, bread, two lemons' },
  { title: 'Grüße aus 東京', body: 'Notes are Unicode 🎉' },
];

const database = openDatabase(loadSettings());
await script(async () => {
  try {
    const notes = new NoteStore(database);
    const existing = await notes.list({ limit: 1, after: 0 });
    if (existing.length === 0) {
      for (const example of examples) await notes.create(example);
      console.log(`Added ${examples.length} notes.`);
    } else {
      console.log('There are notes already; nothing added.');
    }
  } finally {
    await database.close();
  }
});
