import { Op } from 'sequelize';
import type { Database } from '../db/database.ts';
import { changeTime, newTimes, toNote } from './note.model.ts';
import type { NewNote, Note, NoteChanges } from './note.ts';

export class NoteStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** At most `limit` notes with an id above `after`, in order of their ids. */
  async list({ limit, after }: { limit: number; after: number }): Promise<Note[]> {
    const rows = await this.#database.run(({ notes }) =>
      notes.findAll({ where: { id: { [Op.gt]: after } }, order: [['id', 'ASC']], limit }),
    );
    return rows.map(toNote);
  }

  async get(id: number): Promise<Note | undefined> {
    const row = await this.#database.run(({ notes }) => notes.findByPk(id));
    return row === null ? undefined : toNote(row);
  }

  async create(note: NewNote): Promise<Note> {
    return toNote(
      await this.#database.run(({ notes }) => notes.create({ ...note, ...newTimes() })),
    );
  }

  /** Changes what is given. */
  async update(id: number, changes: NoteChanges): Promise<Note | undefined> {
    if (Object.keys(changes).length > 0) {
      await this.#database.run(({ notes }) =>
        notes.update({ ...changes, updatedAt: changeTime() }, { where: { id } }),
      );
    }
    return this.get(id);
  }

  /** Whether there was such a note. */
  async remove(id: number): Promise<boolean> {
    return (await this.#database.run(({ notes }) => notes.destroy({ where: { id } }))) === 1;
  }
}
