import * as z from 'zod';
import { type Note, noteSchema } from '../notes/note.ts';

/** A number that says after which event a client wants to go on. */
export const eventIdSchema = z.int().min(0);

const time = z.union([z.number(), z.string()]).transform((value) => new Date(value).toISOString());

/** A row of the notes, as a trigger writes it into an event. */
const rowSchema = z
  .object({
    id: noteSchema.shape.id,
    title: z.string(),
    body: z.string(),
    created_at: time,
    updated_at: time,
  })
  .transform(({ created_at, updated_at, ...rest }): Note => ({
    ...rest,
    createdAt: created_at,
    updatedAt: updated_at,
  }));

const noteChangeSchema = z.enum(['created', 'updated', 'deleted']);

/** An event, as the database keeps it. */
export interface StoredEvent {
  id: number;
  change: string;
  note: unknown;
}

/** The ids of the oldest and the newest event that are kept; 1 and 0 when there is none. */
export interface Bounds {
  first: number;
  last: number;
}

/** The events as they lie in the database; each method rejects when that does not answer. */
export interface EventLog {
  bounds(): Promise<Bounds>;
  /** At most `limit` events with an id above `id`, in order of their ids. */
  after(id: number, limit: number): Promise<StoredEvent[]>;
}

/** A change of a note as it goes out, written once for all who watch. */
export interface NoteEvent {
  id: number;
  change: z.output<typeof noteChangeSchema>;
  /** `"id":…,"change":…,"note":…`: the members of a JSON object. */
  members: string;
}

export function toNoteEvent({ id, change, note }: StoredEvent): NoteEvent {
  const event = { id, change: noteChangeSchema.parse(change), note: rowSchema.parse(note) };
  return { id, change: event.change, members: JSON.stringify(event).slice(1, -1) };
}
