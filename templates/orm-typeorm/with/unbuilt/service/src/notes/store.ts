import { MoreThan, type Repository } from 'typeorm';
import type { Database } from '../db/database.ts';
import { changeTime, noteEntity } from './note.entity.ts';
import type { NewNote, Note, NoteChanges } from './note.ts';

export class NoteStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** At most `limit` notes with an id above `after`, in order of their ids. */
  list({ limit, after }: { limit: number; after: number }): Promise<Note[]> {
    return this.#run((notes) =>
      notes.find({ where: { id: MoreThan(after) }, order: { id: 'ASC' }, take: limit }),
    );
  }

  async get(id: number): Promise<Note | undefined> {
    return (await this.#run((notes) => notes.findOneBy({ id }))) ?? undefined;
  }

  create(note: NewNote): Promise<Note> {
    return this.#run(async (notes) => {
      const now = new Date().toISOString();
      const times = { createdAt: now, updatedAt: now };
      const { identifiers } = await notes.insert({ ...note, ...times });
      return { id: Number(identifiers[0]?.['id']), ...note, ...times };
    });
  }

  /** Changes what is given. */
  async update(id: number, changes: NoteChanges): Promise<Note | undefined> {
    if (Object.keys(changes).length > 0) {
      await this.#run((notes) => notes.update(id, { ...changes, updatedAt: changeTime }));
    }
    return this.get(id);
  }

  /** Whether there was such a note. */
  async remove(id: number): Promise<boolean> {
    const { affected } = await this.#run((notes) => notes.delete(id));
    return affected === 1;
  }

  #run<T>(work: (notes: Repository<Note>) => Promise<T>): Promise<T> {
    return this.#database.run((manager) => work(manager.getRepository(noteEntity)));
  }
}
