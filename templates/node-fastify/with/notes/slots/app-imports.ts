import { noteRoutes } from './notes/routes.ts';
import { database } from './plugins/database.ts';
