import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../system/machine.ts';

export type Row = {
  metric: string;
  /** What `ours` and `against` are counted in. */
  unit: string;
  /** Median of the rounds. */
  ours: number;
  /** Median of the rounds of what it is compared with; null where there is only a bound. */
  against: number | null;
  /** `ours` / `against`. */
  ratio: number | null;
  /** In words, such as `≥ 0.55 ×`; null where the figure is only reported. */
  target: string | null;
  met: boolean | null;
  /** Name and version of what `against` is. */
  peer: string | null;
  /** Smallest and largest ratio of one round: how much the machine wavered. */
  spread: [number, number] | null;
  note?: string;
};

export type Result = { name: string; date: string; machine: Machine; cores: string; rounds: number; seconds: number; rows: Row[] };

/** A row that compares two medians of interleaved rounds. `atLeast` is the smallest ratio that meets the target. */
export function compare(row: Pick<Row, 'metric' | 'unit' | 'peer'> & { note?: string; atLeast?: number }, ours: Rounds, against: Rounds): Row {
  const { atLeast, ...named } = row;
  const ratio = ours.median / against.median;
  const ratios = ours.values.map((value, at) => value / (against.values[at] ?? Number.NaN));
  return {
    ...named,
    ours: round(ours.median),
    against: round(against.median),
    ratio: round(ratio),
    target: atLeast === undefined ? null : `≥ ${atLeast} ×`,
    met: atLeast === undefined ? null : ratio >= atLeast,
    spread: [round(Math.min(...ratios)), round(Math.max(...ratios))],
  };
}

export type Rounds = { median: number; values: readonly number[] };

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
