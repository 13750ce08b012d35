import type { Server } from 'node:http';
import type { Logger } from 'pino';

/**
 * Milliseconds after which a request that has not finished is cut off, then whatever else holds
 * up the end, and how long the log may take after that: orchestrators kill after ten seconds.
 */
const patience = 8_000;
const limit = 8_500;
const logPatience = 1_000;

/**
 * On SIGTERM or SIGINT calls `close` and ends the process. `close` has to stop accepting, wait
 * for the requests in flight and let go of everything else.
 */
export function closeOnSignal(
  server: Server,
  logger: Pick<Logger, 'info' | 'warn' | 'error' | 'flush'>,
  close: () => Promise<unknown>,
): void {
  let closing = false;
  const stop = async (signal: NodeJS.Signals) => {
    // What runs scripts passes on a Ctrl-C that the terminal has sent to this process already.
    if (closing) return;
    closing = true;
    logger.info({ signal }, 'closing');
    // A connection that is busy now is idle, and could be kept open, once its answer is out.
    setInterval(() => server.closeIdleConnections(), 100);
    setTimeout(() => {
      logger.warn('cutting off the requests that have not finished');
      server.closeAllConnections();
    }, patience);
    setTimeout(() => {
      logger.error('closing takes too long');
      exit(1, logger);
    }, limit);
    try {
      await close();
      logger.info('closed');
      exit(0, logger);
    } catch (error) {
      logger.error(error, 'closing failed');
      exit(1, logger);
    }
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** A fault that nobody caught is logged like any other, and ends the process: its state is unknown. */
export function exitOnFault(logger: Pick<Logger, 'error' | 'flush'>): void {
  process.on('uncaughtException', (error) => {
    logger.error(error, 'uncaught');
    exit(1, logger);
  });
}

/**
 * Ends the process once its log is written, or found to have no reader. At the very end pino
 * would try for ever, and nothing but SIGKILL gets past that.
 */
function exit(code: number, logger: Pick<Logger, 'flush'>): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), logPatience);
  logger.flush(() => process.exit(code));
}
