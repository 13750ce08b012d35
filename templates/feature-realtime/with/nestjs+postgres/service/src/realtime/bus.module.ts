import { Module } from '@nestjs/common';
import { BusService } from './bus.service.js';

@Module({ providers: [BusService], exports: [BusService] })
export class BusModule {}
