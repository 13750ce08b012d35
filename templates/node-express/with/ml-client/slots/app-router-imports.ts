import type { Ml } from './ml/ml.ts';
import { predictionPaths, predictionRouter } from './ml/router.ts';
