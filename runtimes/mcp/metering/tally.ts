import type { DoorName } from '@stoa/generated/schemas.ts';
import { bucketOf, upperBoundsS } from '@stoa/lib/latency-buckets.ts';
import { doorNames, findingNames } from '../model.ts';
import type { ContentFinding } from '../model.ts';

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
  'content_refused',
  'unapproved',
] as const;
export type MeteredOutcome = (typeof outcomes)[number];

const outcomeAt = Object.fromEntries(outcomes.map((outcome, index) => [outcome, index])) as Readonly<Record<MeteredOutcome, number>>;
/** Of one door: the calls by outcome, those of each bucket and above the last, and the sum of their durations. */
const bucketsAt = outcomes.length;
const sumAt = bucketsAt + upperBoundsS.length + 1;
const cellsOfDoor = sumAt + 1;
/** Of what was found in bodies: the counts by way, name and action. */
export const findingWays = ['request', 'response'] as const;
export const findingActions = ['refuse', 'mask', 'report'] as const;
/** What may be given up while a collector is away. */
export const telemetrySignals = ['traces', 'logs'] as const;
export type TelemetrySignal = (typeof telemetrySignals)[number];
export type FindingWay = (typeof findingWays)[number];
const findingsAt = doorNames.length * cellsOfDoor;
const placeOfFinding = (way: FindingWay, { name, action }: Pick<ContentFinding, 'name' | 'action'>): number =>
  findingsAt + (findingWays.indexOf(way) * findingNames.length + findingNames.indexOf(name)) * findingActions.length + findingActions.indexOf(action);
const othersAt = findingsAt + findingWays.length * findingNames.length * findingActions.length;
const others = {
  requests: othersAt,
  streams: othersAt + 1,
  usageWaiting: othersAt + 2,
  usageLost: othersAt + 3,
  tracesDropped: othersAt + 4,
  logsDropped: othersAt + 5,
} as const;
const tallyBytes = (othersAt + Object.keys(others).length) * Float64Array.BYTES_PER_ELEMENT;

export const createTallyMemory = (): SharedArrayBuffer => new SharedArrayBuffer(tallyBytes);

/**
 * What one thread counts: plain numbers side by side, so that a call costs three additions. Only that thread writes them; others may read them at
 * any time, to add up what the process did.
 */
export class Tally {
  readonly #cells: Float64Array;

  constructor(memory = createTallyMemory()) {
    this.#cells = new Float64Array(memory);
  }

  /** Answers the bucket of the duration. */
  add(door: DoorName, outcome: MeteredOutcome, durationMs: number): number {
    const cells = this.#cells;
    const start = startOf(door);
    const bucket = bucketOf(durationMs);
    (cells[start + outcomeAt[outcome]] as number) += 1;
    (cells[start + bucketsAt + bucket] as number) += 1;
    (cells[start + sumAt] as number) += durationMs;
    return bucket;
  }

  calls(door: DoorName, outcome: MeteredOutcome): number {
    return this.#cells[startOf(door) + outcomeAt[outcome]] as number;
  }

  /** Of each bucket, without those below it. */
  durations(door: DoorName): readonly number[] {
    const start = startOf(door);
    return [...this.#cells.subarray(start + bucketsAt, start + sumAt)];
  }

  durationMs(door: DoorName): number {
    return this.#cells[startOf(door) + sumAt] as number;
  }

  addFinding(way: FindingWay, finding: Pick<ContentFinding, 'name' | 'action'>): void {
    (this.#cells[placeOfFinding(way, finding)] as number) += 1;
  }

  findings(way: FindingWay, finding: Pick<ContentFinding, 'name' | 'action'>): number {
    return this.#cells[placeOfFinding(way, finding)] as number;
  }

  /** Requests that are no probes. */
  get requests(): number {
    return this.#get('requests');
  }
  set requests(count: number) {
    this.#set('requests', count);
  }

  /** Streams that are open. */
  get streams(): number {
    return this.#get('streams');
  }
  set streams(count: number) {
    this.#set('streams', count);
  }

  /** Usage records that the spool has not taken yet. */
  get usageWaiting(): number {
    return this.#get('usageWaiting');
  }
  set usageWaiting(records: number) {
    this.#set('usageWaiting', records);
  }

  /** Usage records given up. */
  get usageLost(): number {
    return this.#get('usageLost');
  }
  set usageLost(records: number) {
    this.#set('usageLost', records);
  }

  /** Spans and lines of the log that no collector took. */
  droppedTelemetry(signal: TelemetrySignal): number {
    return this.#get(`${signal}Dropped`);
  }

  addDroppedTelemetry(signal: TelemetrySignal, count: number): void {
    this.#set(`${signal}Dropped`, this.#get(`${signal}Dropped`) + count);
  }

  #get(name: keyof typeof others): number {
    return this.#cells[others[name]] as number;
  }

  #set(name: keyof typeof others, value: number): void {
    this.#cells[others[name]] = value;
  }
}

/** What several threads counted together. */
export function total(tallies: readonly Tally[], of: (tally: Tally) => number): number {
  return tallies.reduce((sum, tally) => sum + of(tally), 0);
}

const startsAt = Object.fromEntries(doorNames.map((door, index) => [door, index * cellsOfDoor])) as Readonly<Record<DoorName, number>>;
const startOf = (door: DoorName): number => startsAt[door];
