// The tests of `npm test`: what needs no service, and what runs on a real MongoDB and Redis of this run's own.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/architecture.test.ts', 'test/unit/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/{integration,api,contract}/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
    // processes are killed and clocks are raced here: on a shared machine a second look tells a fault from a pause
    retry: process.env.CI ? 1 : 0,
    // a test that hangs on a socket must not hold the whole run up
    teardownTimeout: 30_000,
  },
});
