import { zPredictionRequest, zPredictionResponse } from './contract/zod.gen.js';

// What clients send and get is what the service with the model has agreed to.
export const predictionRequestSchema = zPredictionRequest.meta({ id: 'PredictionRequest' });
export const predictionResponseSchema = zPredictionResponse.meta({ id: 'PredictionResponse' });
