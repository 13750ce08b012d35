import { loadSettings } from '../config/settings.js';
import { Database } from './database.js';
import { PrismaService } from './prisma.service.js';
import { script } from './script.js';

// Says in one line what is wrong with the settings or the database, before Prisma works on it.
const prisma = new PrismaService(loadSettings());
await script(async () => {
  try {
    await new Database(prisma).ping();
  } finally {
    await prisma.$disconnect();
  }
});
