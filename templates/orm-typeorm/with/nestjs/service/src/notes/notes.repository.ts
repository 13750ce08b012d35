import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type Repository } from 'typeorm';
import { Database } from '../database/database.js';
import type { NewNote, Note, NoteChanges } from './note.js';
import { changeTime, NoteEntity } from './note.entity.js';

@Injectable()
export class NotesRepository {
  constructor(
    @InjectRepository(NoteEntity) private readonly notes: Repository<NoteEntity>,
    private readonly database: Database,
  ) {}

  /** At most `limit` notes with an id above `after`, in order of their ids. */
  list({ limit, after }: { limit: number; after: number }): Promise<Note[]> {
    return this.database.run(() =>
      this.notes.find({ where: { id: MoreThan(after) }, order: { id: 'ASC' }, take: limit }),
    );
  }

  async get(id: number): Promise<Note | undefined> {
    return (await this.database.run(() => this.notes.findOneBy({ id }))) ?? undefined;
  }

  create(note: NewNote): Promise<Note> {
    return this.database.run(async () => {
      const now = new Date().toISOString();
      const times = { createdAt: now, updatedAt: now };
      const { identifiers } = await this.notes.insert({ ...note, ...times });
      return { id: Number(identifiers[0]?.['id']), ...note, ...times };
    });
  }

  /** Changes what is given. */
  async update(id: number, changes: NoteChanges): Promise<Note | undefined> {
    if (Object.keys(changes).length > 0) {
      await this.database.run(() => this.notes.update(id, { ...changes, updatedAt: changeTime }));
    }
    return this.get(id);
  }

  /** Whether there was such a note. */
  async remove(id: number): Promise<boolean> {
    const { affected } = await this.database.run(() => this.notes.delete(id));
    return affected === 1;
  }
}
