import type { DesiredItem } from '@stoa/generated/schemas.ts';

/**
 * One item of a desired state, as this process holds it. It is the same object from one state to the next for as long as its content is the
 * same, which its hash says: what did not change is never parsed, validated or copied again.
 */
export type Held = {
  readonly id: string;
  /** As the Control Plane states it; `value` may say otherwise, or nothing, when it is not understood. */
  readonly kind: string;
  readonly hash: string;
  /** How many bytes it has. */
  readonly size: number;
  /** What it holds; a {@link DesiredItem} when there is no fault. */
  readonly value: unknown;
  /** Why it is not understood; undefined when it is. */
  readonly fault: string | undefined;
  /** Its content was damaged on disk, and has not been fetched again yet. */
  readonly isMissing?: true;
  /** Its bytes, until they are on disk. */
  unsaved?: Buffer | undefined;
};

/** The item of one that is understood. */
export const itemOf = ({ value }: Held): DesiredItem => value as DesiredItem;

/** The order in which the hash of a state takes its items: by the UTF-16 code units of their ids. */
export const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** What differs between two lists that are sorted by id. Those that both hold are told from each other by being the same object. */
export function differenceOf<T extends { readonly id: string }>(before: readonly T[], after: readonly T[]): { changed: T[]; removed: T[] } {
  const changed: T[] = [];
  const removed: T[] = [];
  let at = 0;
  for (const next of after) {
    for (let old = before[at]; old !== undefined && old.id < next.id; old = before[(at += 1)]) removed.push(old);
    const old = before[at];
    if (old?.id === next.id) at += 1;
    if (old !== next) changed.push(next);
  }
  removed.push(...before.slice(at));
  return { changed, removed };
}
