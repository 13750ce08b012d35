import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/sequelize';
import { Op } from 'sequelize';
import type { Repository } from 'sequelize-typescript';
import { Database } from '../database/database.js';
import type { NewNote, Note, NoteChanges } from './note.js';
import { changeTime, newTimes, NoteModel, toNote } from './note.model.js';

@Injectable()
export class NotesRepository {
  constructor(
    @InjectModel(NoteModel) private readonly notes: Repository<NoteModel>,
    private readonly database: Database,
  ) {}

  /** At most `limit` notes with an id above `after`, in order of their ids. */
  async list({ limit, after }: { limit: number; after: number }): Promise<Note[]> {
    const rows = await this.database.run(() =>
      this.notes.findAll({ where: { id: { [Op.gt]: after } }, order: [['id', 'ASC']], limit }),
    );
    return rows.map(toNote);
  }

  async get(id: number): Promise<Note | undefined> {
    const row = await this.database.run(() => this.notes.findByPk(id));
    return row === null ? undefined : toNote(row);
  }

  async create(note: NewNote): Promise<Note> {
    return toNote(await this.database.run(() => this.notes.create({ ...note, ...newTimes() })));
  }

  /** Changes what is given. */
  async update(id: number, changes: NoteChanges): Promise<Note | undefined> {
    if (Object.keys(changes).length > 0) {
      await this.database.run(() =>
        this.notes.update({ ...changes, updatedAt: changeTime() }, { where: { id } }),
      );
    }
    return this.get(id);
  }

  /** Whether there was such a note. */
  async remove(id: number): Promise<boolean> {
    return (await this.database.run(() => this.notes.destroy({ where: { id } }))) === 1;
  }
}
