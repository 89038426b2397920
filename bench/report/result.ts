import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { median } from '../measure/median.ts';
import type { Machine } from '../system/machine.ts';

export type Row = {
  metric: string;
  /** What `ours` and `against` are counted in. */
  unit: string;
  /** Median of the rounds; null where nothing could be measured, which `why` explains. */
  ours: number | null;
  /** Median of the rounds of what it is compared with; null where there is only a bound. */
  against: number | null;
  /** `ours` / `against`. */
  ratio: number | null;
  /** In words, such as `≥ 0.55 ×`; null where the figure is only reported. */
  target: string | null;
  /** Null where there is no target, or where this machine cannot show honestly whether it is met: then there is a `why`. */
  met: boolean | null;
  /** Name and version of what `against` is. */
  peer: string | null;
  /** Smallest and largest ratio of one round, or smallest and largest of `ours` where there is no ratio: how much the machine wavered. */
  spread: [number, number] | null;
  /** Why a target is neither met nor missed, and what was measured instead. */
  why?: string;
  note?: string;
};

/** `quick`: whether it is of a run that only shows that the benchmark works. */
export type Result = {
  name: string;
  date: string;
  machine: Machine;
  cores: string;
  rounds: number;
  seconds: number;
  quick: boolean;
  /** What was not the real thing: fleets of light clients, say. */
  simulated?: string;
  rows: Row[];
};

export type Rounds = { median: number; values: readonly number[] };

export function roundsOf(values: readonly number[]): Rounds {
  return { median: median(values), values };
}

type Named = Pick<Row, 'metric' | 'unit'> & { note?: string; why?: string };

/** A bound on a ratio, or on a figure itself. */
export type Bound = { atLeast: number } | { atMost: number } | Record<never, never>;

/** A row that compares two medians of interleaved rounds; the bound is on their ratio. */
export function compare({ peer, ...named }: Named & { peer: string }, ours: Rounds, against: Rounds, bound: Bound = {}): Row {
  const ratio = ours.median / against.median;
  const ratios = ours.values.map((value, at) => value / (against.values[at] ?? Number.NaN)).filter(Number.isFinite);
  return {
    ...named,
    peer,
    ours: round(ours.median),
    against: round(against.median),
    ratio: round(ratio),
    ...judge(ratio, bound, '×', named.why),
    spread: range(ratios),
  };
}

/** A row whose bound is on the figure itself. `against` says, where it was measured, what the same took with a peer. */
export function bounded(named: Named, ours: Rounds, bound: Bound, against?: { peer: string; rounds: Rounds }): Row {
  return {
    ...named,
    ours: round(ours.median),
    against: against === undefined ? null : round(against.rounds.median),
    // Nothing against nothing is no ratio.
    ratio: against === undefined || against.rounds.median === 0 ? null : round(ours.median / against.rounds.median),
    peer: against?.peer ?? null,
    ...judge(ours.median, bound, named.unit, named.why),
    spread: range(ours.values),
  };
}

/** A row that could not be measured at all, with the reason and, where there is one, the remedy. */
export function unmeasured({ metric, unit, why }: Named & { why: string }, bound: Bound, measure = unit): Row {
  return {
    metric,
    unit,
    ours: null,
    against: null,
    ratio: null,
    peer: null,
    spread: null,
    target: judge(0, bound, measure, why).target,
    met: null,
    why,
  };
}

/** Why something did not come up, as the row says that is null for it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ExpectedError) return error.message;
  throw error;
}

function judge(value: number, bound: Bound, unit: string, why: string | undefined): Pick<Row, 'target' | 'met'> {
  const isMet = (met: boolean): boolean | null => (why === undefined ? met : null);
  if ('atLeast' in bound) return { target: `≥ ${bound.atLeast} ${unit}`, met: isMet(value >= bound.atLeast) };
  if ('atMost' in bound) return { target: `≤ ${bound.atMost} ${unit}`, met: isMet(value <= bound.atMost) };
  return { target: null, met: null };
}

function range(values: readonly number[]): [number, number] | null {
  return values.length === 0 ? null : [round(Math.min(...values)), round(Math.max(...values))];
}

/** Three significant digits: the measurements differ from round to round in the third. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

export async function writeResult(dir: string, result: Result): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** Every result in the folder, by name. */
export async function readResults(dir: string): Promise<Result[]> {
  const names = (await readdir(dir).catch((): string[] => [])).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(dir, name), 'utf8')) as Result));
}
