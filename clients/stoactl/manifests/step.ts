import { CommandError, exitCodes } from '../exit-codes.ts';
import { cellOf } from '../output/table.ts';
import { differences } from './differences.ts';
import type { FieldChange } from './differences.ts';
import type { PlatformManifest } from './manifest.ts';

/** What is to be done for one manifest, or for one thing that no manifest names any more. */
export type Step = {
  readonly action: 'create' | 'update' | 'unchanged' | 'delete';
  readonly id: string;
  readonly changes: readonly FieldChange[];
  /** What a person has to know, though it can be done. */
  readonly notes?: readonly string[];
  /** Does it, and answers what the server warned of. */
  perform?(): Promise<readonly string[] | void>;
};

/** What the server warned of, by what it is about. */
export const noted = (id: string, { warnings = [] }: { warnings?: readonly string[] | undefined }): string[] =>
  warnings.map((warning) => `${id}: ${warning}`);

export const told = (changes: readonly FieldChange[]): string[] => changes.map(({ field, from, to }) => `${field}: ${shown(from)} → ${shown(to)}`);

const shown = (value: unknown): string =>
  value === undefined ? '(none)' : typeof value === 'string' ? JSON.stringify(value) : cellOf(value) || '(empty)';

/** Does a change that is refused when somebody else was faster, and then tells what he changed. */
export async function unlessChanged<T>(before: PlatformManifest, now: () => Promise<PlatformManifest>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== exitCodes.conflict) throw error;
    const changed = differences(before, await now());
    const what = changed.length === 0 ? error.message : `somebody else changed ${told(changed).join(', ')} meanwhile`;
    throw new CommandError('conflict', `${what}. Look at it with stoactl diff, and apply again.`, { cause: error });
  }
}
