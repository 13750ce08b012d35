import type { Logger } from 'pino';
import { Problem } from './problem.ts';

/** What has to work for the service to be ready, by name: each rejects when it does not. */
export type ReadinessChecks = Record<string, () => Promise<unknown>>;

/** Runs all checks at once; throws a 503 that says which of them failed, and logs why. */
export async function checkReadiness(
  checks: ReadinessChecks,
  logger: Pick<Logger, 'warn'>,
): Promise<Record<string, 'ok'>> {
  const results: Record<string, 'ok' | 'failed'> = {};
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await check();
        results[name] = 'ok';
      } catch (error) {
        logger.warn({ err: error, check: name }, 'not ready');
        results[name] = 'failed';
      }
    }),
  );
  const failed = Object.keys(results).filter((name) => results[name] === 'failed');
  if (failed.length > 0) {
    throw new Problem(503, `Not ready: ${failed.join(', ')}`, {
      checks: results,
      headers: { 'Retry-After': '1' },
    });
  }
  return Object.fromEntries(Object.keys(checks).map((name) => [name, 'ok']));
}
