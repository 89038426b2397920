import type { Drift } from '@stoa/generated/schemas.ts';
import type { DesiredConfig, Finding, ManagedObject, PlanInput, WritePlan } from './model.ts';
import { isSameObject } from './render.ts';

/** APIs that are left as somebody made them, by their items. */
export type Left = ReadonlySet<string>;

/**
 * Which APIs are left as they were found: those whose deployment says `drift: report`, that differ, and of which the configuration itself wants nothing new. What it
 * changes is written whole, for nobody could say which half of it somebody else meant to keep.
 */
export function leftAlone(
  { items }: DesiredConfig,
  { target }: Pick<WritePlan, 'target'>,
  { lastApplied }: Pick<PlanInput<unknown>, 'lastApplied'>,
  drift: readonly Drift[],
): Left {
  const reporting = items.flatMap((item) => (item.kind === 'api' && item.drift === 'report' ? [item.id] : []));
  const drifted = new Set(drift.flatMap(({ item_id: id, wins }) => (id !== undefined && wins === 'stoa' ? [id] : [])));
  const candidates = reporting.filter((id) => drifted.has(id));
  if (candidates.length === 0) return new Set();
  const [wanted, made] = [target, lastApplied].map((objects) => Map.groupBy(objects, ({ owner }) => owner));
  return new Set(candidates.filter((id) => isSame(wanted?.get(id) ?? [], made?.get(id) ?? [])));
}

function isSame(wanted: readonly ManagedObject[], made: readonly ManagedObject[]): boolean {
  const before = new Map(made.map((object) => [object.id, object]));
  return wanted.length === made.length && wanted.every((object) => isSameObject(before.get(object.id), object));
}

/** The plan without what it would write to an API that is left. A write of everything at once, in which something else changes as well, is made whole. */
export function withoutLeft<P>(plan: WritePlan<P>, left: Left): WritePlan<P> {
  if (left.size === 0) return plan;
  const writes = plan.writes.filter(({ changes }) => !changes.every(({ object }) => left.has(object.owner)));
  return { ...plan, writes };
}

/** Which drift is left, once it is known what is written. */
export const judged = (drift: readonly Drift[], left: Left): Drift[] =>
  drift.map((entry) => (entry.item_id !== undefined && left.has(entry.item_id) ? { ...entry, wins: 'gateway' } : entry));

const why = 'Somebody changed it on the gateway, which is left so, because its deployment says drift: report.';

/** What the API and its policies say of it: they are not in force as they are defined. */
export function leftFindings(drift: readonly Drift[], left: Left, objects: readonly ManagedObject[]): Finding[] {
  if (left.size === 0) return [];
  const carried = new Map(objects.map((object) => [object.label, object.alsoFor]));
  return drift.flatMap(({ item_id: id, object, kind, detail }): Finding[] => {
    if (id === undefined || !left.has(id)) return [];
    const what = `${object} is ${kind}${detail === undefined ? '' : `: ${detail}`}`;
    // Why is a sentence of its own: of many differences of one item it is said once.
    return [id, ...(carried.get(object) ?? [])].flatMap((itemId) => [why, what].map((reason) => ({ itemId, phase: 'verify' as const, reason })));
  });
}
