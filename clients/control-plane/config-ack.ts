import type { ConfigAck, ItemAck } from '@stoa/generated/schemas.ts';
import type { ApplyOutcome } from './types.ts';
import type { VerifiedState } from './verified-state.ts';
import { wholeAck } from './whole-form.ts';

/** Without the epoch, which is that of the lease it is sent under. */
export type Acknowledgement = Omit<ConfigAck, 'lease_epoch'>;

/** What the contract allows. */
const maxReasonLength = 2000;
const mostItems = 50_000;
/** Of a generation that was rejected as a whole, when it came as items: they are told apart by their reasons, not counted. */
const mostReasons = 100;

/** What became of a generation: what the runtime said of the items that it was given, and what was not understood. */
export function ackOfOutcome({ generation, hash, rejected, whole }: VerifiedState, { state, items }: ApplyOutcome): Acknowledgement {
  const said = [...items, ...rejected].map((item) => (item.reason === undefined ? item : { ...item, reason: cut(item.reason) }));
  const outcome = state === 'applied' && rejected.length > 0 ? 'applied_with_warnings' : state;
  if (whole !== undefined) return { generation, hash, state: outcome, items: wholeAck(whole, outcome, said) };
  if (outcome === 'rejected') return { generation, hash, state: outcome, items: said.slice(0, mostReasons) };
  return { generation, hash, state: outcome, items: said.slice(0, mostItems), unlisted_applied: said.length <= mostItems };
}

/** A generation that is rejected as a whole: each item named carries the reason, since a generation has none of its own. */
export function ackOfRejection(
  { generation, hash, itemIds }: { generation: number; hash: string; itemIds: readonly string[] },
  phase: NonNullable<ItemAck['phase']>,
  reason: string,
): Acknowledgement {
  return { generation, hash, state: 'rejected', items: itemIds.map((id) => ({ id, state: 'rejected', phase, reason: cut(reason) })) };
}

/** The first reason for a rejection, for the log and for `/readyz`. */
export function reasonOf({ items }: ApplyOutcome): string {
  const rejected = items.find(({ state, reason }) => state === 'rejected' && reason !== undefined);
  return rejected === undefined ? 'the runtime gave no reason' : `${rejected.id} in phase ${rejected.phase ?? 'apply'}: ${rejected.reason}`;
}

function cut(reason: string): string {
  return reason.length <= maxReasonLength ? reason : `${reason.slice(0, maxReasonLength - 1)}…`;
}
