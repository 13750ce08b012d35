import { wordRoutes } from './words/routes.ts';
