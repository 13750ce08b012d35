import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseModule } from '../database/database.module.js';
import { NoteEventEntity } from './note-event.entity.js';
import { NoteEventsRepository } from './note-events.repository.js';

@Module({
  imports: [DatabaseModule, TypeOrmModule.forFeature([NoteEventEntity])],
  providers: [NoteEventsRepository],
  exports: [NoteEventsRepository],
})
export class NoteEventsModule {}
