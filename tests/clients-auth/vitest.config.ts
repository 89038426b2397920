import { defineConfig } from 'vitest/config';

/** `make clients-auth`: clients of four languages at three issuers. Those of TypeScript at two of them are part of `make test`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.slow.ts'],
    globalSetup: ['../global-setup.ts'],
    testTimeout: 480_000,
    // A first run fetches and builds what it needs, and a Keycloak that was never started builds itself.
    hookTimeout: 1_800_000,
    // They wait most of the time.
    maxConcurrency: 16,
    reporters: ['verbose'],
  },
});
