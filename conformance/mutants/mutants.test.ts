import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutants } from './mutants.ts';
import { nameOfSources } from './sources.ts';
import { sourceOf, tryMutant } from './try-mutant.ts';

const report = JSON.parse(readFileSync(join(import.meta.dirname, '../mutants.json'), 'utf8')) as {
  mutants: number;
  killed: number;
  survivors: { id: string; reason: string }[];
  sources: { server: string; client: string };
};

describe('the mutants', () => {
  it.each(mutants)('$id has its mistake in one place, and is another text than the reference', async (mutant) => {
    expect(await sourceOf(mutant)).not.toBe(await sourceOf({ of: mutant.of }));
  });

  it('have names of their own', () => {
    expect(new Set(mutants.map(({ id }) => `${id}`)).size).toBeGreaterThanOrEqual(60);
    expect(new Set(mutants.map(({ of, id }) => `${of} ${id}`)).size).toBe(mutants.length);
  });

  it('were tried as they are: run make mutants when this fails', () => {
    expect(report.sources).toEqual({ server: nameOfSources('server'), client: nameOfSources('client') });
    expect(report.mutants).toBe(mutants.length);
  });

  it('are killed, 95 of 100 at least, and each that survives has its reason', () => {
    expect(report.killed / report.mutants).toBeGreaterThanOrEqual(0.95);
    expect(report.survivors.filter(({ reason }) => reason === 'unknown')).toEqual([]);
    expect(report.survivors.length).toBe(report.mutants - report.killed);
  });
});

describe('the reference server', () => {
  it('passes the kit without a mistake, and fails with one', async () => {
    const failed = (results: Awaited<ReturnType<typeof tryMutant>>) =>
      results.filter(({ outcome }) => outcome === 'failed').map(({ sentence }) => sentence);
    expect(failed(await tryMutant({ of: 'server', intervalS: 30 }, false))).toEqual([]);
    const mutant = mutants.find(({ id }) => id === 'mode-alias');
    expect(mutant).toBeDefined();
    expect(failed(await tryMutant(mutant as NonNullable<typeof mutant>, true))).not.toEqual([]);
  });
});
