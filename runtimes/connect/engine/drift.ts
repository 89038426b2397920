import type { Drift } from '@stoa/generated/schemas.ts';
import { shorten } from './compare.ts';
import type { Inspected, ManagedObject, PlanInput } from './model.ts';

/** How a gateway differs from what was last applied to it. What was never applied yet is a change to come and no drift. Pure. */
export function findDrift<E>({ desired, lastApplied }: Pick<PlanInput<unknown>, 'desired' | 'lastApplied'>, gateway: Inspected<E>): Drift[] {
  const wanted = new Map(desired.map((object) => [object.id, object]));
  const made = lastApplied.flatMap((object): Drift[] => {
    const goal = wanted.get(object.id);
    // What is no longer desired goes anyway, or has gone by itself: a gateway may end a credential when its time is over.
    if (goal === undefined) return [];
    const found = gateway.find(object.kind, object.id);
    if (found === undefined) return [entry(object, 'missing', 'It was deleted, or its tags were.')];
    // A write whose answer was lost, or that a killed process did not live to remember, left what is desired.
    const detail = gateway.mismatch(goal, found) === undefined ? undefined : gateway.mismatch(object, found);
    return detail === undefined ? [] : [entry(object, 'changed', detail)];
  });
  const known = new Set([...lastApplied, ...desired].map(({ id }) => id));
  const extra = gateway.marked
    .filter(({ id }) => !known.has(id))
    .map(({ itemId, label }): Drift => {
      const detail = 'It carries our tags, but STOA Connect did not make it.';
      return { ...(itemId !== undefined && { item_id: itemId }), object: label, kind: 'extra', detail, wins: 'stoa' };
    });
  const kept = (gateway.meddling ?? []).map(({ itemId, label, kind, detail }): Drift => {
    return { ...(itemId !== undefined && { item_id: itemId }), object: shorten(label, 512), kind, detail: shorten(detail, 1500), wins: 'gateway' };
  });
  return [...made, ...extra, ...kept];
}

const entry = (object: ManagedObject, kind: Drift['kind'], detail: string): Drift => ({
  ...(object.owner !== '' && { item_id: object.owner }),
  object: shorten(object.label, 512),
  kind,
  detail,
  wins: 'stoa',
});
