import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
  SerializeOptions,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import type * as z from 'zod';
import { ApiProblems } from '../docs/openapi.js';
import type { NewNote, Note, NoteChanges, NotePage } from './note.js';
import {
  newNoteSchema,
  noQuerySchema,
  noteChangesSchema,
  notePageSchema,
  noteParamsSchema,
  noteQuerySchema,
  noteSchema,
} from './note.js';
import { NotesService } from './notes.service.js';

type NoQuery = z.output<typeof noQuerySchema>;
type NoteParams = z.output<typeof noteParamsSchema>;
type NoteQuery = z.output<typeof noteQuerySchema>;

@ApiTags('notes')
@Controller('api/notes')
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Post()
  @SerializeOptions({ schema: noteSchema })
  @ApiOperation({ summary: 'Create a note' })
  @ApiCreatedResponse({
    description: 'The new note; its address is in Location.',
    standardSchema: noteSchema,
  })
  @ApiProblems(400, 413, 415, 422, 503)
  async createNote(
    @Query({ schema: noQuerySchema }) _query: NoQuery,
    @Body({ schema: newNoteSchema }) newNote: NewNote,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Note> {
    const note = await this.notes.create(newNote);
    response.location(`/api/notes/${note.id}`);
    return note;
  }

  @Get()
  @SerializeOptions({ schema: notePageSchema })
  @ApiOperation({ summary: 'List the notes in order of their ids' })
  @ApiOkResponse({ description: 'A page of notes.', standardSchema: notePageSchema })
  @ApiProblems(422, 503)
  listNotes(@Query({ schema: noteQuerySchema }) query: NoteQuery): Promise<NotePage> {
    return this.notes.list(query);
  }

  @Get(':id')
  @SerializeOptions({ schema: noteSchema })
  @ApiOperation({ summary: 'Read a note' })
  @ApiOkResponse({ description: 'The note.', standardSchema: noteSchema })
  @ApiProblems(404, 422, 503)
  getNote(
    @Query({ schema: noQuerySchema }) _query: NoQuery,
    @Param({ schema: noteParamsSchema }) { id }: NoteParams,
  ): Promise<Note> {
    return this.notes.get(id);
  }

  @Patch(':id')
  @SerializeOptions({ schema: noteSchema })
  @ApiOperation({ summary: 'Change the fields that are given' })
  @ApiOkResponse({ description: 'The changed note.', standardSchema: noteSchema })
  @ApiProblems(400, 404, 413, 415, 422, 503)
  changeNote(
    @Query({ schema: noQuerySchema }) _query: NoQuery,
    @Param({ schema: noteParamsSchema }) { id }: NoteParams,
    @Body({ schema: noteChangesSchema }) changes: NoteChanges,
  ): Promise<Note> {
    return this.notes.update(id, changes);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a note' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @ApiProblems(404, 422, 503)
  deleteNote(
    @Query({ schema: noQuerySchema }) _query: NoQuery,
    @Param({ schema: noteParamsSchema }) { id }: NoteParams,
  ): Promise<void> {
    return this.notes.remove(id);
  }
}
