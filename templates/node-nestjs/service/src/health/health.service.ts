import { Inject, Injectable, Logger, ServiceUnavailableException } from '@nestjs/common';

/** The token of what has to work for the service to be ready, by name. */
export const READINESS_CHECKS = Symbol('READINESS_CHECKS');

/** Each rejects when what it is named for does not work. */
export type ReadinessChecks = Record<string, () => Promise<unknown>>;

@Injectable()
export class HealthService {
  private readonly logger = new Logger(HealthService.name);

  constructor(@Inject(READINESS_CHECKS) private readonly checks: ReadinessChecks) {}

  /** Runs all checks at once; throws a 503 that says which of them failed, and logs why. */
  async checkReadiness(): Promise<Record<string, 'ok'>> {
    const results: Record<string, 'ok' | 'failed'> = {};
    await Promise.all(
      Object.entries(this.checks).map(async ([name, check]) => {
        try {
          await check();
          results[name] = 'ok';
        } catch (error) {
          this.logger.warn({ msg: 'not ready', check: name, err: error });
          results[name] = 'failed';
        }
      }),
    );
    const failed = Object.keys(results).filter((name) => results[name] === 'failed');
    if (failed.length > 0) {
      throw new ServiceUnavailableException({
        message: `Not ready: ${failed.join(', ')}`,
        checks: results,
      });
    }
    return Object.fromEntries(Object.keys(this.checks).map((name) => [name, 'ok']));
  }
}
