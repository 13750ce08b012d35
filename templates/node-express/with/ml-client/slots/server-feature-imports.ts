import { Ml } from './ml/ml.ts';
