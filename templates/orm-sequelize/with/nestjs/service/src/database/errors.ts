import { ServiceUnavailableException } from '@nestjs/common';
import { ConnectionError, DatabaseError } from 'sequelize';

/** Sequelize wraps the driver's errors, whose codes tell what may work in a moment. */
export function unwrap(error: unknown): never {
  if (error instanceof ConnectionError) {
    throw new ServiceUnavailableException('The database does not answer', { cause: error.parent });
  }
  throw error instanceof DatabaseError ? error.parent : error;
}
