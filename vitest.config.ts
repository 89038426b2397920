import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'node_modules/.cache/test-results.json' }]] : ['default'],
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'bench/.builds/**'],
    globalSetup: ['tests/global-setup.ts'],
    // Most files wait for servers, browsers and heartbeats rather than compute: on two cores, one file at a time leaves both idle. Only where the
    // whole suite is run, since whoever runs a few files does other things meanwhile.
    ...(process.env['npm_lifecycle_event'] === 'test' && { maxWorkers: Math.max(3, availableParallelism() - 1) }),
    // Servers, browsers and databases are started inside hooks: a slow machine must not fail a right answer.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
