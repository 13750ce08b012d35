import { Controller, Get, Param, Query, SerializeOptions } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type * as z from 'zod';
import { ApiProblems } from '../docs/openapi.js';
import { noQuerySchema, noteParamsSchema } from '../notes/note.js';
import { NotesService } from '../notes/notes.service.js';
import { type WordCounts, wordCountsSchema } from './words.js';
import { WordsService } from './words.service.js';

@ApiTags('notes')
@Controller('api/notes')
export class WordsController {
  constructor(
    private readonly notes: NotesService,
    private readonly words: WordsService,
  ) {}

  @Get(':id/words')
  @SerializeOptions({ schema: wordCountsSchema })
  @ApiOperation({ summary: 'Count the words of a note' })
  @ApiOkResponse({ description: 'The most frequent words.', standardSchema: wordCountsSchema })
  @ApiProblems(404, 422, 503)
  async countWords(
    @Query({ schema: noQuerySchema }) _query: z.output<typeof noQuerySchema>,
    @Param({ schema: noteParamsSchema }) { id }: z.output<typeof noteParamsSchema>,
  ): Promise<WordCounts> {
    const { body } = await this.notes.get(id);
    return this.words.count(body);
  }
}
