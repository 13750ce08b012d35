import { openDatabase } from './db/database.ts';
