import { defineConfig } from 'vitest/config';

/** `make images-test`: the real images. Their sample, `images.test.ts`, is part of `make test`. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ['*.slow.ts'], testTimeout: 300_000, hookTimeout: 1_200_000 },
});
