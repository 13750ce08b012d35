import { Module } from '@nestjs/common';
import { SequelizeModule } from '@nestjs/sequelize';
import { SETTINGS, type Settings } from '../config/settings.js';
import { Database } from './database.js';
import { sequelizeOptions } from './sequelize-options.js';

@Module({
  imports: [
    SequelizeModule.forRootAsync({
      inject: [SETTINGS],
      useFactory: (settings: Settings) => sequelizeOptions(settings, 'service'),
    }),
  ],
  providers: [Database],
  exports: [Database],
})
export class DatabaseModule {}
