import { ServiceUnavailableException } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, test } from 'vitest';
import { HealthService, READINESS_CHECKS, type ReadinessChecks } from './health.service.js';

async function serviceWith(checks: ReadinessChecks): Promise<HealthService> {
  const module = await Test.createTestingModule({
    providers: [HealthService, { provide: READINESS_CHECKS, useValue: checks }],
  }).compile();
  module.useLogger(false);
  return module.get(HealthService);
}

describe('HealthService', () => {
  test('is ready when every check passes', async () => {
    const service = await serviceWith({ one: async () => {}, two: async () => {} });
    expect(await service.checkReadiness()).toEqual({ one: 'ok', two: 'ok' });
  });

  test('names the checks that fail', async () => {
    const service = await serviceWith({
      one: async () => {},
      two: () => Promise.reject(new Error('away')),
    });
    const error: unknown = await service.checkReadiness().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceUnavailableException);
    expect(error).toHaveProperty('response', {
      message: 'Not ready: two',
      checks: { one: 'ok', two: 'failed' },
    });
  });
});
