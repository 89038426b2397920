import { defineConfig } from 'vitest/config';

/** `make packages-test`: the real packages, which take minutes to make. Its sample, `packages.test.ts`, is part of `make test`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.slow.ts'],
    globalSetup: process.env['PACKAGES_MADE'] === undefined ? ['make-packages.ts'] : [],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
