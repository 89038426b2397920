import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lostReplies } from './cases/lost-replies.ts';
import { outageOutlastsLeases } from './cases/outage-outlasts-leases.ts';
import { experiments } from './index.ts';
import { Lab } from './lab/lab.ts';
import { runAll } from './run.ts';

describe('the experiments', () => {
  it('are at least twenty, each in a file of its name, with a criterion in a sentence', async () => {
    const files = (await readdir(join(import.meta.dirname, 'cases'))).map((file) => file.replace(/\.ts$/, ''));
    expect(experiments.map(({ id }) => id).sort()).toEqual(files.sort());
    expect(experiments.length).toBeGreaterThanOrEqual(20);
    for (const { criterion } of experiments) expect(criterion).toMatch(/^[A-Z0-9].*\.$/);
  });

  it('that throw, or for which no time is left, have not passed', async () => {
    const fails = { id: 'fails', criterion: 'It works.', run: () => Promise.reject(new Error('it does not\nand more')) };
    const said: string[] = [];
    expect(await runAll([fails], new Lab(), 1_000, ({ id }) => said.push(id))).toEqual([
      { id: 'fails', criterion: 'It works.', figure: 'failed: it does not', passed: false },
    ]);
    expect(await runAll([fails], new Lab(), 0, () => {})).toMatchObject([{ figure: 'not run: the time was up', passed: false }]);
    const never = { id: 'never', criterion: 'It ends.', run: () => new Promise<never>(() => {}) };
    expect(await runAll([never], new Lab(), 20, () => {})).toMatchObject([{ passed: false }]);
    expect(said).toEqual(['fails']);
  });
});

// The others need minutes, or a machine that does nothing else: `make experiments`.
describe('a sample of the experiments', () => {
  const lab = new Lab();
  afterAll(() => lab.close());

  it.each([lostReplies, outageOutlastsLeases])('$id: $criterion', { timeout: 120_000 }, async (experiment) => {
    expect(await runAll([experiment], lab, 100_000, () => {})).toMatchObject([{ passed: true }]);
  });
});
