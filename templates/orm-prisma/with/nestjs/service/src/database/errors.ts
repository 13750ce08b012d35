import { ServiceUnavailableException } from '@nestjs/common';
import * as z from 'zod';
import { Prisma } from '../generated/prisma/client.js';

/** Where Prisma keeps what the driver said. */
const metaSchema = z.object({
  driverAdapterError: z.object({
    cause: z.object({
      originalCode: z.string().optional(),
      originalMessage: z.string().optional(),
    }),
  }),
});

/** Throws what the driver said, whose code tells what may work in a moment. */
export function unwrap(error: unknown): never {
  // P2002 is for the caller: a value that has to be unique is taken.
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code === 'P2002') {
    throw error;
  }
  const said = metaSchema.safeParse(error.meta).data?.driverAdapterError.cause;
  // Before the last line stands which method of the client was called.
  const message = said?.originalMessage ?? error.message.split('\n').at(-1);
  const code = said?.originalCode ?? error.code;
  const cause = Object.assign(new Error(message, { cause: error }), { code });
  // Where the driver has no code there is no connection.
  if (said !== undefined && said.originalCode === undefined) {
    throw new ServiceUnavailableException('The database does not answer', { cause });
  }
  throw cause;
}
