import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'node_modules/.cache/test-results.json' }]] : ['default'],
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['tests/global-setup.ts'],
    // Servers, browsers and databases are started inside hooks: a slow machine must not fail a right answer.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
