import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Packages import each other through their built `dist`; the test script builds first.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: [
      'models/*/src/**/*.test.ts',
      'firmware-config/src/**/*.test.ts',
      'edge-agent/src/**/*.test.ts',
      'cloud/src/**/*.test.ts',
      'cloud/training/src/**/*.test.ts',
      'cloud/console/src/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    globalSetup: ['cloud/src/testing/postgres-setup.ts'],
    pool: 'forks',
    // Vitest leaves a core to itself, on a machine of two that is half. The longest tests wait for belts most of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
