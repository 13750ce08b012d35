import { Module } from '@nestjs/common';
import { MlClient } from './ml.client.js';
import { MlService } from './ml.service.js';
import { PredictionsController } from './predictions.controller.js';

@Module({
  controllers: [PredictionsController],
  providers: [MlClient, MlService],
  exports: [MlService],
})
export class MlModule {}
