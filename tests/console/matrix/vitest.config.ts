import { defineConfig } from 'vitest/config';

/** `make console-test`: every page in both themes and three widths, with what axe finds, and a picture of each in `dist/console`. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.slow.ts'],
    globalSetup: ['../../global-setup.ts'],
    setupFiles: ['../../as-found.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
