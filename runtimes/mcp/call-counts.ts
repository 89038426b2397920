import type { Door } from './model.ts';

export const doors: readonly Door[] = ['mcp', 'authz'];

/** Outcomes as `stoa_calls_total` labels them. */
export const outcomes = [
  'ok',
  'client_error',
  'upstream_error',
  'cancelled',
  'invalid_arguments',
  'unauthenticated',
  'unknown',
  'forbidden',
  'rate_limited',
  'too_large',
  'undecided',
] as const;
export type MeteredOutcome = (typeof outcomes)[number];

/** Of the buckets of durations: a decision takes microseconds, a call as long as its upstream. */
export const upperBoundsS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const outcomeAt = Object.fromEntries(outcomes.map((outcome, index) => [outcome, index])) as Readonly<Record<MeteredOutcome, number>>;
const upperBoundsMs = upperBoundsS.map((seconds) => seconds * 1000);
/** Of one door: the calls by outcome, those of each bucket and above the last, and the sum of their durations. */
const bucketsAt = outcomes.length;
const sumAt = bucketsAt + upperBoundsS.length + 1;
const cellsOfDoor = sumAt + 1;

/** How many calls ended how, and how long they took: plain numbers side by side, so that a call costs three additions. */
export class CallCounts {
  readonly #cells = new Float64Array(doors.length * cellsOfDoor);

  add(door: Door, outcome: MeteredOutcome, durationMs: number): void {
    const cells = this.#cells;
    const start = startOf(door);
    let bucket = 0;
    while (bucket < upperBoundsMs.length && durationMs > (upperBoundsMs[bucket] as number)) bucket += 1;
    (cells[start + outcomeAt[outcome]] as number) += 1;
    (cells[start + bucketsAt + bucket] as number) += 1;
    (cells[start + sumAt] as number) += durationMs;
  }

  calls(door: Door, outcome: MeteredOutcome): number {
    return this.#cells[startOf(door) + outcomeAt[outcome]] as number;
  }

  /** `buckets` each without those below it. */
  durations(door: Door): { readonly buckets: readonly number[]; readonly sumS: number } {
    const start = startOf(door);
    return { buckets: [...this.#cells.subarray(start + bucketsAt, start + sumAt)], sumS: (this.#cells[start + sumAt] as number) / 1000 };
  }
}

const startOf = (door: Door): number => (door === 'mcp' ? 0 : cellsOfDoor);
