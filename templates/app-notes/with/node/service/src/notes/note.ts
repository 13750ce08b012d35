import * as z from 'zod';

/** Not every database keeps a NUL, and half of a surrogate pair is not text. */
const textSchema = z
  .string()
  .refine(
    (text) => !text.includes('\0') && text.isWellFormed(),
    'Must not contain NUL or half of a surrogate pair',
  );
const titleSchema = textSchema.min(1).max(200);
const bodySchema = textSchema.max(100_000);
const idSchema = z.int().min(1);

export const noteSchema = z
  .object({
    id: idSchema,
    title: z.string(),
    body: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Note' });

export const newNoteSchema = z
  .strictObject({ title: titleSchema, body: bodySchema.default('') })
  .meta({ id: 'NewNote' });

/** Without the default of a new note: what is not given does not change. */
export const noteChangesSchema = z
  .strictObject({ title: titleSchema.exactOptional(), body: bodySchema.exactOptional() })
  .meta({ id: 'NoteChanges' });

export const notePageSchema = z
  .object({
    items: z.array(noteSchema),
    next: idSchema.nullable().describe('Pass it as `after` to read on; null on the last page.'),
  })
  .meta({ id: 'NotePage' });

export const noteParamsSchema = z.strictObject({ id: fromText(idSchema) });

export const noteQuerySchema = z.strictObject({
  limit: fromText(z.int().min(1).max(100).default(20)),
  after: fromText(z.int().min(0).default(0)),
});

/** For routes without parameters: an unknown one is refused everywhere. */
export const noQuerySchema = z.strictObject({});

export type Note = z.output<typeof noteSchema>;
export type NewNote = z.output<typeof newNoteSchema>;
export type NoteChanges = z.output<typeof noteChangesSchema>;
export type NotePage = z.output<typeof notePageSchema>;

/** Makes a page of `limit` notes from a list that holds one more when there is a next page. */
export function pageOf(notes: Note[], limit: number): NotePage {
  const items = notes.slice(0, limit);
  return { items, next: notes.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** In a URL a number is text; only plain digits are one. */
function fromText<Schema extends z.ZodInt | z.ZodDefault<z.ZodInt>>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
    schema,
  );
}
