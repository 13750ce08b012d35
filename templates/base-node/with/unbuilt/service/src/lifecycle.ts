import type { Server } from 'node:http';
import type { Logger } from 'pino';

/** Milliseconds that requests in flight have to finish; orchestrators kill after ten seconds. */
const patience = 8_000;

/**
 * On SIGTERM or SIGINT calls `close` and ends the process. `close` has to stop accepting, wait
 * for the requests in flight and let go of everything else.
 */
export function closeOnSignal(
  server: Server,
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  close: () => Promise<unknown>,
): void {
  let closing = false;
  const stop = async (signal: NodeJS.Signals) => {
    // npm passes on a Ctrl-C that the terminal has sent to this process already.
    if (closing) return;
    closing = true;
    logger.info({ signal }, 'closing');
    // A connection that is busy now is idle, and could be kept open, once its answer is out.
    setInterval(() => server.closeIdleConnections(), 100);
    setTimeout(() => {
      logger.warn('cutting off the requests that have not finished');
      server.closeAllConnections();
    }, patience);
    try {
      await close();
      logger.info('closed');
      process.exit(0);
    } catch (error) {
      logger.error(error, 'closing failed');
      process.exit(1);
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** A fault that nobody caught is logged like any other, and ends the process: its state is unknown. */
export function exitOnFault(logger: Pick<Logger, 'error'>): void {
  process.on('uncaughtException', (error) => {
    logger.error(error, 'uncaught');
    process.exit(1);
  });
}
