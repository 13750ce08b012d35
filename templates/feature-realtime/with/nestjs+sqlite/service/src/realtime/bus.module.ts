import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { BusService } from './bus.service.js';
import { WakeInterceptor } from './wake.interceptor.js';

@Module({
  providers: [BusService, { provide: APP_INTERCEPTOR, useClass: WakeInterceptor }],
  exports: [BusService],
})
export class BusModule {}
