import { predictionRoutes } from './ml/routes.ts';
