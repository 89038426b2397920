import type { AckState, ConfigItem, ItemAck } from '@stoa/generated/schemas.ts';
import { shorten } from './compare.ts';
import type { Capabilities } from './capabilities.ts';
import type { AckPhase, Change, Finding } from './model.ts';

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
  const sentences = [...new Set(findings.map(({ reason }) => sentence(reason)))];
  const more = sentences.length - maxReasons;
  const said = more > 0 ? [...sentences.slice(0, maxReasons), `There are ${more} more reasons; the log of STOA Connect has them.`] : sentences;
  return { phase, reason: shorten(said.join(' '), 2000) };
}

/** An API of a hundred routes may fail for as many reasons that say the same. */
const maxReasons = 5;

/** One line that ends as a sentence does, whatever a gateway wrote into it. */
function sentence(reason: string): string {
  const line = reason.replace(/\s+/g, ' ').trim();
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}

/** Nothing could be done at all, for one reason. */
export function rejectAll(items: readonly ConfigItem[], phase: AckPhase, reason: string): PassOutcome {
  const acks = items.map(({ id }): ItemAck => ({ id, state: 'rejected', phase, reason: shorten(reason, 2000) }));
  return { state: 'rejected', items: acks, leftovers: [reason] };
}

/**
 * Says of items that were written just now by when traffic follows, where nobody can ask the gateway: `applied` means served, and some confirm before they serve. The next
 * pass, which writes nothing, has nothing to say of it.
 */
export function withDelay(outcome: PassOutcome, writes: readonly Change[], { delay }: Pick<Capabilities, 'delay'>): PassOutcome {
  if (delay.seconds === 0 || writes.length === 0) return outcome;
  const written = new Set(writes.flatMap(({ object }) => [object.owner, ...object.alsoFor]));
  const items = outcome.items.map((item): ItemAck => {
    return item.state === 'applied' && written.has(item.id) ? { ...item, phase: 'verify', reason: sentence(delay.says) } : item;
  });
  return { ...outcome, items };
}
