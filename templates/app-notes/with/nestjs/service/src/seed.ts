import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { script } from './database/script.js';
import { NotesRepository } from './notes/notes.repository.js';

const examples = [
  { title: 'Welcome', body: 'This note came from src/seed.ts.' },
  { title: 'Shopping', body: 'Milk, bread, two lemons' },
  { title: 'Grüße aus 東京', body: 'Notes are Unicode 🎉' },
];

const app = await NestFactory.createApplicationContext(AppModule, {
  // Without a logger Nest would end the process and not say what is wrong.
  abortOnError: false,
  logger: false,
});
await script(async () => {
  try {
    const notes = app.get(NotesRepository);
    const existing = await notes.list({ limit: 1, after: 0 });
    if (existing.length === 0) {
      for (const example of examples) await notes.create(example);
      console.log(`Added ${examples.length} notes.`);
    } else {
      console.log('There are notes already; nothing added.');
    }
  } finally {
    await app.close();
  }
});
