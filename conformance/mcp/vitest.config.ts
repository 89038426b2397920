import { defineConfig } from 'vitest/config';

/** `make conformance`: the official suite against our fixtures, directly and through the product. A small part of it is in `make test`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.slow.ts'],
    globalSetup: ['../../tests/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
  },
});
