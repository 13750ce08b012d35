import { ml } from './plugins/ml.ts';
