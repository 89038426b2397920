import type { AckState, ConfigItem, ItemAck } from '@stoa/generated/schemas.ts';
import { shorten } from './compare.ts';
import type { AckPhase, Finding } from './model.ts';

/** What became of a generation, and of what it no longer contains. */
export type PassOutcome = {
  readonly state: AckState;
  readonly items: ItemAck[];
  /** Reasons why something that is no longer desired is still there. */
  readonly leftovers: readonly string[];
};

const phases: readonly AckPhase[] = ['fetch', 'validate', 'render', 'apply', 'verify'];

/**
 * Sums findings up per item. `rejected` says that no item took effect; a generation of which a part did is `applied_with_warnings`
 * with the items that did not marked `rejected` (lesson 12: it must not look in sync).
 */
export function summarize(items: readonly ConfigItem[], rejections: readonly Finding[], warnings: readonly Finding[]): PassOutcome {
  const [rejected, warned] = [rejections, warnings].map((findings) => Map.groupBy(findings, ({ itemId }) => itemId));
  const acks = items.map(({ id }): ItemAck => {
    const [reasons, remarks] = [rejected?.get(id), warned?.get(id)];
    if (reasons !== undefined) return { id, state: 'rejected', ...reasonOf(reasons) };
    return remarks === undefined ? { id, state: 'applied' } : { id, state: 'applied_with_warnings', ...reasonOf(remarks) };
  });
  const known = new Set(items.map(({ id }) => id));
  const leftovers = [...new Set(rejections.filter(({ itemId }) => !known.has(itemId)).map(({ reason }) => reason))];
  return { state: stateOf(acks, leftovers.length > 0), items: acks, leftovers };
}

function stateOf(acks: readonly ItemAck[], hasLeftovers: boolean): AckState {
  if (acks.length > 0 && acks.every(({ state }) => state === 'rejected')) return 'rejected';
  return hasLeftovers || acks.some(({ state }) => state !== 'applied') ? 'applied_with_warnings' : 'applied';
}

function reasonOf(findings: readonly Finding[]): { phase: AckPhase; reason: string } {
  const phase = phases.find((candidate) => findings.some((finding) => finding.phase === candidate)) ?? 'apply';
  return { phase, reason: shorten([...new Set(findings.map(({ reason }) => reason))].join(' '), 2000) };
}

/** Nothing could be done at all, for one reason. */
export function rejectAll(items: readonly ConfigItem[], phase: AckPhase, reason: string): PassOutcome {
  const acks = items.map(({ id }): ItemAck => ({ id, state: 'rejected', phase, reason: shorten(reason, 2000) }));
  return { state: 'rejected', items: acks, leftovers: [reason] };
}
