import { noteRoutes } from './notes/routes.ts';
