import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** These are short and take long: most of them wait by the clock of the protocol, for more than a minute each, and compute little. */
const longFiles = ['link', 'gateway', 'connect', 'every-operation-by-role', 'documented-answers'].map((name) => `contract-tests/${name}.test.ts`);
const apart = 12;

/**
 * Has each of them run early, beside others that compute. At the end, where their size puts them, they would hold every worker and leave the machine idle. Files with
 * a process of their own come last: each would end one that others share.
 */
class LongFilesApart extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longFiles.some((path) => moduleId.endsWith(`/${path}`));
    const order = sorted.filter((file) => !isLong(file));
    for (const [index, file] of sorted.filter(isLong).entries()) order.splice(index * apart, 0, file);
    return order.sort((a, b) => Number(a.project.config.isolate) - Number(b.project.config.isolate));
  }
}

// Of programs that tests start, and of packages in the tests' own processes, half of a start is compiling.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

const include = ['**/*.test.ts'];
const exclude = ['**/node_modules/**', '**/dist/**', 'bench/.builds/**'];
/** Where another module stands in for one, that is so for all that comes after: such a file has a process of its own. All others share a few, where each module is read once. */
const replacesModules = /\bvi\.(?:mock|doMock)\(/;
const lone = globSync(include, { exclude }).filter((file) => replacesModules.test(readFileSync(file, 'utf8')));

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'together', include, exclude: [...exclude, ...lone], isolate: false } },
      { extends: true, test: { name: 'apart', include: lone, exclude } },
    ],
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'node_modules/.cache/test-results.json' }]] : ['default'],
    globalSetup: ['tests/global-setup.ts'],
    setupFiles: ['tests/as-found.ts'],
    sequence: { sequencer: LongFilesApart },
    // Most files wait for servers, browsers and heartbeats rather than compute: on two cores, one file at a time leaves both idle. Only where the
    // whole suite is run, since whoever runs a few files does other things meanwhile.
    ...(process.env['npm_lifecycle_event'] === 'test' && { maxWorkers: Math.max(3, availableParallelism() - 1) }),
    // Servers, browsers and databases are started inside hooks: a slow machine must not fail a right answer.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
