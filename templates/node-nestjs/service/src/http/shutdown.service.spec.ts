import { HttpAdapterHost } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JsonLogger } from '../logging/json-logger.js';
import { ShutdownService } from './shutdown.service.js';

describe('ShutdownService', () => {
  const server = {
    closeIdleConnections: vi.fn<() => void>(),
    closeAllConnections: vi.fn<() => void>(),
  };
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined!);
  let service: ShutdownService;

  beforeEach(async () => {
    vi.clearAllMocks();
    vi.useFakeTimers();
    const module = await Test.createTestingModule({
      providers: [
        ShutdownService,
        { provide: HttpAdapterHost, useValue: { httpAdapter: { getHttpServer: () => server } } },
        { provide: JsonLogger, useValue: { flush: async () => {} } },
      ],
    }).compile();
    module.useLogger(false);
    service = module.get(ShutdownService);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('closes connections as they fall idle, and in the end all', () => {
    service.beforeApplicationShutdown();
    vi.advanceTimersByTime(7_900);
    expect(server.closeIdleConnections.mock.calls.length).toBeGreaterThan(50);
    expect(server.closeAllConnections).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(server.closeAllConnections).toHaveBeenCalledOnce();
  });

  test('does nothing more once all is closed', async () => {
    service.beforeApplicationShutdown();
    service.onApplicationShutdown();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.closeIdleConnections).not.toHaveBeenCalled();
    expect(server.closeAllConnections).not.toHaveBeenCalled();
    expect(exit).not.toHaveBeenCalled();
  });

  test('ends the process when something else holds up the end', async () => {
    service.beforeApplicationShutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(8_400);
    expect(exit).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(exit).toHaveBeenCalledWith(1);
  });
});
