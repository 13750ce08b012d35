import { Module } from '@nestjs/common';
import { SequelizeModule } from '@nestjs/sequelize';
import { DatabaseModule } from '../database/database.module.js';
import { NoteEventModel } from './note-event.model.js';
import { NoteEventsRepository } from './note-events.repository.js';

@Module({
  imports: [DatabaseModule, SequelizeModule.forFeature([NoteEventModel])],
  providers: [NoteEventsRepository],
  exports: [NoteEventsRepository],
})
export class NoteEventsModule {}
