import { ServiceUnavailableException } from '@nestjs/common';

/**
 * What PostgreSQL and the network say when the same statement may well succeed later: SQLSTATE
 * classes 08 (connection), 28 (authorization), 3D (no such database), 53 (out of resources), 57
 * (shutdown, cancelled) and 40 (deadlock), 55P03 (lock not available), 25006 (read only).
 */
const passing = /^(08|28|3D|53|57|40)...$|^55P03$|^25006$|^E[A-Z_]+$/;

/** node-postgres has no code for these. */
const lost =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

/** Does `work` and answers 503 when the database does not answer or stays locked. */
export async function attempt<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = 'code' in error ? String(error.code) : '';
    if (!passing.test(code) && !lost.test(error.message)) throw error;
    throw new ServiceUnavailableException('The database does not answer', { cause: error });
  }
}
