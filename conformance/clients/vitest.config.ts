import { defineConfig } from 'vitest/config';

/** `make clients`: real clients of MCP through a Gateway and a Link, over the same cases. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.slow.ts'],
    globalSetup: ['../../tests/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
