import { Ml } from '../src/ml/ml.ts';
