import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { vendors } from '../vendors/table.ts';
import type { VendorName } from '../vendors/table.ts';
import { laws } from './laws.ts';
import type { LawBench, LawSubject, RealSubject } from './subject.ts';
import { furtherSubjects, realGateways, subjects } from './subjects.ts';

/** `make laws` takes more cases. */
const numRuns = Number(process.env['LAW_CASES'] ?? 50);
/** The same cases in every run of `make test`, so that a change is judged by what it changes; `make laws` looks for new ones. */
const seed = process.env['LAW_CASES'] === undefined ? { seed: 57 } : {};

describe.each(Object.entries(subjects) as [VendorName, LawSubject][])('the law of %s', (name, subject) => hold(name, subject, numRuns));

const further = (Object.entries(furtherSubjects) as [VendorName, NonNullable<(typeof furtherSubjects)[VendorName]>][]).flatMap(([name, all]) =>
  all.map((subject) => [name, subject] as const),
);
describe.each(further)('the law of another %s', (name, subject) => hold(name, subject, Math.round(numRuns * subject.share)));

const real = (Object.entries(realGateways) as [VendorName, readonly RealSubject[]][]).flatMap(([name, all]) =>
  all.map((subject) => [name, subject] as const),
);
describe.each(real)('the law of %s', (name, subject) => {
  const { missing, share, on } = subject;
  it.skipIf(missing === undefined || process.env['CI'] !== 'true')(`has ${on}`, () => {
    throw new Error(missing);
  });
  describe.skipIf(missing !== undefined)(missing ?? `on ${on}`, () => hold(name, subject, Math.max(1, Math.round(numRuns * share))));
});

function hold(name: VendorName, subject: LawSubject, runs: number): void {
  let bench: LawBench;
  beforeAll(async () => {
    bench = await subject.start();
  });
  afterAll(() => bench?.close());

  it.each(Object.entries(laws))(
    `%s, on ${subject.on}`,
    async (_law, property) => {
      await fc.assert(property({ bench, subject, capabilities: subject.capabilities ?? vendors[name].capabilities }), { numRuns: runs, ...seed });
    },
    60_000 + runs * 20_000,
  );
}
