import type { Ml } from '../ml/ml.ts';
