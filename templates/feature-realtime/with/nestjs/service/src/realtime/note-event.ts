import * as z from 'zod';
import { type Note, noteSchema } from '../notes/note.js';

/** The number of an event, by which a client says after which one it wants to go on. */
export const eventIdSchema = z.int().min(0);

const changeSchema = z.enum(['created', 'updated', 'deleted']);

const timeSchema = z
  .union([z.number(), z.string()])
  .transform((time) => new Date(time).toISOString());

/** A row of the notes, as the triggers write it into an event. */
const rowSchema = z
  .object({
    id: noteSchema.shape.id,
    title: z.string(),
    body: z.string(),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .transform(({ created_at, updated_at, ...rest }): Note => ({
    ...rest,
    createdAt: created_at,
    updatedAt: updated_at,
  }));

/** An event as the database keeps it. */
export interface StoredEvent {
  id: number;
  change: string;
  /** The row, which is JSON or was. */
  note: unknown;
}

/** The ids of the oldest and of the newest event that are kept; 1 and 0 when there is none. */
export interface Bounds {
  first: number;
  last: number;
}

/** A change of a note as it goes out, written once for all who watch. */
export interface NoteEvent {
  id: number;
  change: z.output<typeof changeSchema>;
  /** What a JSON object with the event has between its braces. */
  members: string;
}

export function toNoteEvent({ id, change: stored, note: row }: StoredEvent): NoteEvent {
  const change = changeSchema.parse(stored);
  const note = rowSchema.parse(row);
  return { id, change, members: JSON.stringify({ id, change, note }).slice(1, -1) };
}
