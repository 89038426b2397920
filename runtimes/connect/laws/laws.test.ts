import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { vendors } from '../vendors/table.ts';
import type { VendorName } from '../vendors/table.ts';
import { laws } from './laws.ts';
import type { LawBench, LawSubject } from './subject.ts';
import { subjects } from './subjects.ts';

/** `make laws` takes more cases. */
const numRuns = Number(process.env['LAW_CASES'] ?? 50);

describe.each(Object.entries(subjects) as [VendorName, LawSubject][])('the law of %s', (name, subject) => {
  let bench: LawBench;
  beforeAll(async () => {
    bench = await subject.start();
  });
  afterAll(() => bench.close());

  it.each(Object.entries(laws))(
    `%s, on ${subject.on}`,
    async (_law, property) => {
      await fc.assert(property({ bench, subject, capabilities: subject.capabilities ?? vendors[name].capabilities }), { numRuns });
    },
    numRuns * 20_000,
  );
});
