import { Body, Controller, Post, Query, SerializeOptions } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import { ApiProblems } from '../docs/openapi.js';
import { noQuerySchema } from '../notes/note.js';
import { type Caller, RequestCaller } from './caller.decorator.js';
import type { PredictionRequest, PredictionResponse } from './contract/types.gen.js';
import { MlService } from './ml.service.js';
import { predictionRequestSchema, predictionResponseSchema } from './prediction.js';

@ApiTags('predictions')
@Controller('api/predictions')
export class PredictionsController {
  constructor(private readonly ml: MlService) {}

  @Post()
  @SerializeOptions({ schema: predictionResponseSchema })
  @ApiOperation({ summary: 'Predict a label for each input' })
  @ApiCreatedResponse({
    description: 'A prediction for each input, in their order.',
    standardSchema: predictionResponseSchema,
  })
  @ApiProblems(400, 413, 415, 422, 502, 503, 504)
  predict(
    @Query({ schema: noQuerySchema }) _query: z.output<typeof noQuerySchema>,
    @Body({ schema: predictionRequestSchema }) request: PredictionRequest,
    @RequestCaller() caller: Caller,
  ): Promise<PredictionResponse> {
    return this.ml.predict(request, caller);
  }
}
