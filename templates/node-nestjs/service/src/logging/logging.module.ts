import { Module } from '@nestjs/common';
import { JsonLogger } from './json-logger.js';

@Module({ providers: [JsonLogger], exports: [JsonLogger] })
export class LoggingModule {}
