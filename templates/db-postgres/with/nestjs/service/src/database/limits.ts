/**
 * How long, in milliseconds, a request waits for the database: for a connection, for a lock, for
 * the end of a statement on the server, and for any word from the server at all. Together they
 * are shorter than what an orchestrator gives a process to end.
 */
export const limits = {
  connectionTimeoutMillis: 3_000,
  lock_timeout: 3_000,
  statement_timeout: 4_000,
  query_timeout: 4_500,
};
