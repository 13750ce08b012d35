import * as z from 'zod';
import { eventIdSchema } from './note-event.js';

/** Counts characters, whatever they take in UTF-16. */
const textSchema = (max: number) =>
  z
    .string()
    .refine(
      (text) => text !== '' && Array.from(text).length <= max,
      `Must have 1 to ${max} characters`,
    )
    .refine(
      (text) => !text.includes('\0') && text.isWellFormed(),
      'Must not contain NUL or half of a surrogate pair',
    );

const room = textSchema(64);
const text = textSchema(1_000);

// What a client may say, without its type.
export const nothingSchema = z.strictObject({});
export const subscribeSchema = z.strictObject({ lastEventId: eventIdSchema.exactOptional() });
export const roomSchema = z.strictObject({ room });
export const chatSchema = z.strictObject({ room, text });
export const notifySchema = z.strictObject({ to: textSchema(64), text });

/** What is said to a room or to one client, in whichever process they are. */
export const spokenSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('chat'),
    room: z.string(),
    from: z.string(),
    text: z.string(),
    at: z.string(),
  }),
  z.object({
    type: z.literal('notification'),
    to: z.string(),
    from: z.string(),
    text: z.string(),
    at: z.string(),
  }),
]);

export type Spoken = z.output<typeof spokenSchema>;
