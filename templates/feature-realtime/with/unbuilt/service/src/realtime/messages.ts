import * as z from 'zod';
import { eventIdSchema } from './note-event.ts';

/** As long as its limit in characters, whatever they take in UTF-16. */
const text = (max: number) =>
  z
    .string()
    .refine(
      (value) => value !== '' && Array.from(value).length <= max,
      `must have 1 to ${max} characters`,
    )
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'must not contain NUL or half of a surrogate pair',
    );

const room = text(64);
const message = text(1_000);

/** What a client may say. */
const requestSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('subscribe'), lastEventId: eventIdSchema.exactOptional() }),
  z.strictObject({ type: z.literal('unsubscribe') }),
  z.strictObject({ type: z.literal('join'), room }),
  z.strictObject({ type: z.literal('leave'), room }),
  z.strictObject({ type: z.literal('chat'), room, text: message }),
  z.strictObject({ type: z.literal('notify'), to: text(64), text: message }),
  z.strictObject({ type: z.literal('ping') }),
]);

export type ClientRequest = z.output<typeof requestSchema>;

/** What is wrong with what a client has said. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export function parseRequest(data: string): ClientRequest {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new Refusal('The message is not valid JSON');
  }
  const { data: request, error } = requestSchema.safeParse(value);
  if (request !== undefined) return request;
  const faults = error?.issues.map(({ path, message: fault }) =>
    path.length === 0 ? fault : `${path.join('.')}: ${fault}`,
  );
  throw new Refusal(faults?.join('; ') ?? 'The message is not known');
}

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
