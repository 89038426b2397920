import { Map as PersistentMap } from 'immutable';
import type { ConfigSignature, DesiredItem, ItemAck } from '@stoa/generated/schemas.ts';
import type { Breath } from '@stoa/lib/slices.ts';
import { guardsOf, withheldReason } from './guards.ts';
import { differenceOf, itemOf } from './held-item.ts';
import type { Held } from './held-item.ts';
import type { DesiredState, StateName } from './types.ts';
import type { WholeForm } from './whole-form.ts';

/** A genuine desired state: its signature and the content that its hash names were proved. */
export type VerifiedState = StateName & {
  readonly signature: ConfigSignature;
  /** Every item, by id. */
  readonly held: readonly Held[];
  /** Those that are not understood. */
  readonly unread: readonly Held[];
  /** The APIs that are understood and not served because of one that is not, by id, with the reason. */
  readonly withheld: ReadonlyMap<string, string>;
  /** What a runtime is given: the others. */
  readonly items: PersistentMap<string, DesiredItem>;
  /** One entry for each item that a runtime is not given. */
  readonly rejected: readonly ItemAck[];
  /** As a whole document carried it; absent when it came as items. */
  readonly whole?: WholeForm;
};

type Proved = Pick<VerifiedState, 'gateway_id' | 'generation' | 'hash' | 'signature' | 'held'> & { readonly whole?: WholeForm };

/** Sorts out what a runtime is given. What `before` has and holds still is taken from there, so that this costs what the change costs. */
export function assembleState(proved: Proved, before?: VerifiedState): VerifiedState {
  const steps = assembling(proved, before);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same, with breaths in between. */
export async function assembleSlowly(proved: Proved, before: VerifiedState | undefined, breath: Breath): Promise<VerifiedState> {
  const steps = assembling(proved, before);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (breath.isDue()) await breath.take();
  }
}

const itemsAStep = 500;

function* assembling(proved: Proved, before: VerifiedState | undefined): Generator<undefined, VerifiedState> {
  const { held } = proved;
  const unread = held.filter(({ fault }) => fault !== undefined);
  const difference = differenceOf(before?.held ?? [], held);
  const guardsStay = before !== undefined && unread.length === before.unread.length && unread.every((item, index) => item === before.unread[index]);
  const withheld = withhold(guardsStay ? difference.changed : held, unread);
  if (guardsStay) keepWithheld(withheld, before, held);
  // An API may come and go with what guards it, though it stays the same.
  const touched = guardsStay ? difference.changed : held;
  const items = (before?.items ?? PersistentMap<string, DesiredItem>()).asMutable();
  for (const { id } of difference.removed) items.delete(id);
  for (const [index, item] of touched.entries()) {
    if (item.fault === undefined && !withheld.has(item.id)) items.set(item.id, itemOf(item));
    else items.delete(item.id);
    if (index % itemsAStep === itemsAStep - 1) yield;
  }
  return { ...proved, unread, withheld, items: items.asImmutable(), rejected: rejectionsOf(unread, withheld) };
}

function withhold(candidates: readonly Held[], unread: readonly Held[]): Map<string, string> {
  const guards = guardsOf(unread);
  const reasons = candidates.map((item): [string, string | undefined] => [item.id, unread.length === 0 ? undefined : withheldReason(item, guards)]);
  return new Map(reasons.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** With the same guards as before, an API that did not change is still withheld. */
function keepWithheld(withheld: Map<string, string>, before: VerifiedState, held: readonly Held[]): void {
  if (before.withheld.size === 0) return;
  const same = new Set(before.held);
  for (const item of held) {
    const reason = before.withheld.get(item.id);
    if (reason !== undefined && same.has(item)) withheld.set(item.id, reason);
  }
}

function rejectionsOf(unread: readonly Held[], withheld: ReadonlyMap<string, string>): ItemAck[] {
  const reasons = [...unread.map(({ id, fault }): [string, string | undefined] => [id, fault]), ...withheld];
  return reasons
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, reason]) => ({ id, state: 'rejected', phase: 'validate', ...(reason !== undefined && { reason }) }));
}

/** What a runtime is given that has taken `before`. */
export function desiredState(state: VerifiedState, before: VerifiedState | undefined): DesiredState {
  const { gateway_id, generation, hash, items } = state;
  const touched = before === undefined ? undefined : touchedBetween(before, state);
  if (before === undefined || touched === undefined) return { gateway_id, generation, hash, items, changed: [...items.values()], removed: [] };
  const changed = touched.flatMap((id) => {
    const item = items.get(id);
    return item === undefined || item === before.items.get(id) ? [] : [item];
  });
  return { gateway_id, generation, hash, items, changed, removed: touched.filter((id) => before.items.has(id) && !items.has(id)) };
}

function touchedBetween(before: VerifiedState, after: VerifiedState): string[] {
  const { changed, removed } = differenceOf(before.held, after.held);
  return [...new Set([...[...changed, ...removed].map(({ id }) => id), ...before.withheld.keys(), ...after.withheld.keys()])];
}
