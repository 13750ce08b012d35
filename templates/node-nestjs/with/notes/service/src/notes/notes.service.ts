import { Injectable, NotFoundException } from '@nestjs/common';
import { type NewNote, type Note, type NoteChanges, type NotePage, pageOf } from './note.js';
import { NotesRepository } from './notes.repository.js';

@Injectable()
export class NotesService {
  constructor(private readonly notes: NotesRepository) {}

  create(note: NewNote): Promise<Note> {
    return this.notes.create(note);
  }

  async list({ limit, after }: { limit: number; after: number }): Promise<NotePage> {
    return pageOf(await this.notes.list({ limit: limit + 1, after }), limit);
  }

  async get(id: number): Promise<Note> {
    return found(await this.notes.get(id));
  }

  async update(id: number, changes: NoteChanges): Promise<Note> {
    return found(await this.notes.update(id, changes));
  }

  async remove(id: number): Promise<void> {
    if (!(await this.notes.remove(id))) throw noSuchNote();
  }
}

function found(note: Note | undefined): Note {
  if (note === undefined) throw noSuchNote();
  return note;
}

const noSuchNote = () => new NotFoundException('There is no such note');
