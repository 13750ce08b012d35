import type { Database } from './db/database.ts';
