import { Global, Module } from '@nestjs/common';
import { loadSettings, SETTINGS } from './settings.js';

/** Gives every module the settings, under the token `SETTINGS`. */
@Global()
@Module({
  providers: [{ provide: SETTINGS, useFactory: loadSettings }],
  exports: [SETTINGS],
})
export class ConfigModule {}
