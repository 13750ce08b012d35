import { database } from './plugins/database.ts';
