import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // In an order by chance: no test may depend on what another one leaves behind.
    sequence: { shuffle: true },
    coverage: { include: ['src/**'], reporter: ['text'] },
    projects: [
      { test: { name: 'unit', include: ['src/**/*.spec.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e-spec.ts'],
          // Some run the compiled service as a process of its own.
          globalSetup: 'test/build.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
