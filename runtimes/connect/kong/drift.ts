import type { Drift } from '@stoa/generated/schemas.ts';
import { shorten } from '../compare.ts';
import type { ManagedObject, PlanInput } from '../model.ts';
import type { KongKind } from './entities.ts';
import { kongKinds, labelOf } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { mismatch } from './mismatch.ts';
import { isOurs, itemOf } from './names.ts';

/** How a Kong differs from what was last applied to it. What was never applied yet is a change to come and no drift. Pure. */
export function findDrift({ gatewayId, desired, lastApplied, observed }: Omit<PlanInput<KongObserved>, 'held'>): Drift[] {
  const wanted = new Map(desired.map((object) => [object.id, object]));
  const made = lastApplied.flatMap((object): Drift[] => {
    const goal = wanted.get(object.id);
    // What is no longer desired goes anyway, or has gone by itself: Kong ends a credential when its time is over.
    if (goal === undefined) return [];
    const entity = observed.find(object.kind, object.id);
    if (entity === undefined) return [entry(object, 'missing', 'It was deleted, or its tags were.')];
    // A write whose answer was lost, or that a killed process did not live to remember, left what is desired.
    const detail = mismatch(goal, entity, 'drift') === undefined ? undefined : mismatch(object, entity, 'drift');
    return detail === undefined ? [] : [entry(object, 'changed', detail)];
  });
  const known = new Set([...lastApplied, ...desired].map(({ id }) => id));
  const extra = (Object.keys(kongKinds) as KongKind[]).flatMap((kind) =>
    observed.entities[kind]
      .filter((entity) => isOurs(entity.tags, gatewayId) && !known.has(entity.id))
      .map((entity): Drift => {
        const itemId = itemOf(entity.tags);
        const detail = 'It carries our tags, but STOA Connect did not make it.';
        return { ...(itemId !== undefined && { item_id: itemId }), object: labelOf(kind, entity), kind: 'extra', detail };
      }),
  );
  return [...made, ...extra];
}

const entry = (object: ManagedObject, kind: Drift['kind'], detail: string): Drift => ({
  item_id: object.owner,
  object: shorten(object.label, 512),
  kind,
  detail,
});
