import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** These are short and take long: most of them wait by the clock of the protocol, for more than a minute each, and compute little. */
const longFiles = ['link', 'gateway', 'connect', 'every-operation-by-role', 'documented-answers'].map((name) => `contract-tests/${name}.test.ts`);
const apart = 12;

/** Has each of them run early, beside others that compute. At the end, where their size puts them, they would hold every worker and leave the machine idle. */
class LongFilesApart extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longFiles.some((path) => moduleId.endsWith(`/${path}`));
    const order = sorted.filter((file) => !isLong(file));
    for (const [index, file] of sorted.filter(isLong).entries()) order.splice(index * apart, 0, file);
    return order;
  }
}

export default defineConfig({
  test: {
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'node_modules/.cache/test-results.json' }]] : ['default'],
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'bench/.builds/**'],
    globalSetup: ['tests/global-setup.ts'],
    sequence: { sequencer: LongFilesApart },
    // Most files wait for servers, browsers and heartbeats rather than compute: on two cores, one file at a time leaves both idle. Only where the
    // whole suite is run, since whoever runs a few files does other things meanwhile.
    ...(process.env['npm_lifecycle_event'] === 'test' && { maxWorkers: Math.max(3, availableParallelism() - 1) }),
    // Servers, browsers and databases are started inside hooks: a slow machine must not fail a right answer.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
