import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { NoteEventsRepository } from './note-events.repository.js';

@Module({
  imports: [DatabaseModule],
  providers: [NoteEventsRepository],
  exports: [NoteEventsRepository],
})
export class NoteEventsModule {}
