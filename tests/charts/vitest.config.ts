import { defineConfig } from 'vitest/config';

/** `make charts`: what helm makes of the charts. `charts.test.ts`, which needs no helm, is part of `make test`. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.slow.ts'], testTimeout: 120_000, hookTimeout: 300_000 },
});
