import { Unavailable } from '@stoa/contract-tests/suite/case.ts';
import type { Suite } from '@stoa/contract-tests/suite/case.ts';
import type { RequirementId } from '@stoa/contract-tests/requirements.ts';
import type { CaseResult, ToldExchange } from './results.ts';

export type Case<Subject> = {
  readonly cites: readonly RequirementId[];
  readonly sentence: string;
  readonly run: (subject: Subject) => Promise<void>;
};
/** How a case is run: on which subject, and what was said when it failed. */
export type Meeting<Subject> = {
  subject: (told: Case<Subject>) => Subject;
  exchangesOf: (subject: Subject, error: unknown) => readonly ToldExchange[];
  mask: (text: string) => string;
};
export type RunOptions = {
  /** How many cases run side by side. */
  readonly atOnce: number;
  /** Whether one that failed ends the run: no more are begun, and those under way are left to end by themselves. */
  readonly stopsAtFailure?: boolean;
  readonly told?: (result: CaseResult) => unknown;
  /** Only cases that prove this requirement. */
  readonly only?: string;
};

const caseWithinMs = 120_000;

export function casesOf<Subject>(suites: Iterable<Suite<Subject>>): Case<Subject>[] {
  const cases: Case<Subject>[] = [];
  for (const suite of suites) suite((cites, sentence, run) => cases.push({ cites, sentence, run }));
  return cases;
}

/** Runs the cases and answers what became of them, in their order. Throws nothing. */
export async function runCases<Subject>(all: readonly Case<Subject>[], meeting: Meeting<Subject>, options: RunOptions): Promise<CaseResult[]> {
  const cases = all.filter(({ cites }) => options.only === undefined || cites.some((id) => id === options.only));
  const results: (CaseResult | undefined)[] = cases.map(() => undefined);
  let next = 0;
  let failed = false;
  let endEarly = (): void => undefined;
  const early = new Promise<void>((resolve) => (endEarly = resolve));
  const work = async (): Promise<void> => {
    while (next < cases.length && !(failed && options.stopsAtFailure === true)) {
      const index = next;
      next += 1;
      const told = cases[index];
      if (told === undefined) return;
      const result = await runCase(told, meeting);
      failed ||= result.outcome === 'failed';
      results[index] = result;
      options.told?.(result);
      if (failed && options.stopsAtFailure === true) endEarly();
    }
  };
  await Promise.race([early, Promise.all(Array.from({ length: Math.max(1, options.atOnce) }, work))]);
  return results.filter((result) => result !== undefined);
}

async function runCase<Subject>(told: Case<Subject>, { subject: meet, exchangesOf, mask }: Meeting<Subject>): Promise<CaseResult> {
  const beganMs = performance.now();
  const { cites, sentence } = told;
  const ended = (outcome: CaseResult['outcome']) => ({ cites, sentence, outcome, durationMs: Math.round(performance.now() - beganMs) });
  const subject = meet(told);
  try {
    await within(told.run(subject));
    return ended('passed');
  } catch (error) {
    const reason = mask(error instanceof Error ? error.message : String(error));
    if (error instanceof Unavailable || (error instanceof Error && error.cause instanceof Unavailable)) return { ...ended('skipped'), reason };
    return { ...ended('failed'), reason, exchanges: exchangesOf(subject, error) };
  }
}

/** A subject that never answers must not hold the run up for ever. */
async function within(running: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not end within ${caseWithinMs / 1000} s.`)), caseWithinMs);
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
    running.catch(() => undefined);
  }
}
