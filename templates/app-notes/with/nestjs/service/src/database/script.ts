import { ServiceUnavailableException } from '@nestjs/common';
import { attempt } from './attempt.js';

/** Does the work of a script; a database that cannot be used ends it with one line. */
export async function script(work: () => Promise<void>): Promise<void> {
  try {
    await attempt(work);
  } catch (error) {
    if (!(error instanceof ServiceUnavailableException)) throw error;
    console.error(
      `${error.message} (${reason(error.cause)}): is it there, and DATABASE_URL right?`,
    );
    process.exitCode = 1;
  }
}

function reason(cause: unknown): string {
  // Of a name with several addresses each has an error, and the whole has no message.
  if (cause instanceof AggregateError) return cause.errors.map(reason).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
