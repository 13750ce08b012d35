import { Module } from '@nestjs/common';
import { NotesModule } from '../notes/notes.module.js';
import { WordsController } from './words.controller.js';
import { WordsService } from './words.service.js';

@Module({
  imports: [NotesModule],
  controllers: [WordsController],
  providers: [WordsService],
})
export class WordsModule {}
