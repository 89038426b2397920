import { describeDifferences, differences } from '../compare.ts';
import type { Change, Finding, ManagedObject, Plan, PlanInput } from '../model.ts';
import type { KongEntity, KongKind } from './entities.ts';
import { kongKinds, labelOf } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { holdBack } from './hold.ts';
import { isOurs, itemOf } from './names.ts';
import { findObstacles } from './obstacles.ts';

/**
 * The order of writes. Keys that were revoked go first. A plugin precedes the routes it guards, and follows them out: an API is at no
 * moment reachable without its policies. `clear` takes objects of ours out of the way that hold a name under another id, as a restored
 * dump leaves them.
 */
const order: readonly (readonly [step: Step, kind: KongKind])[] = [
  ['clear', 'credential'], ['clear', 'consumer'], ['clear', 'route'], ['clear', 'plugin'], ['clear', 'service'],
  ['delete', 'credential'],
  ['put', 'service'], ['put', 'plugin'], ['put', 'route'], ['put', 'consumer'], ['put', 'credential'],
  ['delete', 'route'], ['delete', 'plugin'], ['delete', 'service'], ['delete', 'consumer'],
];
type Step = 'clear' | 'delete' | 'put';

/** Fields whose arrays Kong keeps as sets. */
export const unordered: ReadonlySet<string> = new Set(['tags', 'methods', 'protocols', 'access-control-request-method']);
const confidential: ReadonlySet<string> = new Set(['key']);

/**
 * Where an observed entity differs from an object, in words; undefined when it does not. As drift it reads from what was applied to what
 * was found, as an edit from what is there to what shall be.
 */
export function mismatch(object: ManagedObject, entity: KongEntity, as: 'drift' | 'edit'): string | undefined {
  const found = differences(object.fields, entity, unordered);
  if (found.length === 0) return undefined;
  const turned = as === 'drift' ? found : found.map(({ field, expected, found: other }) => ({ field, expected: other, found: expected }));
  return describeDifferences(turned, confidential);
}

/** Compares desired, last applied and observed, and answers the ordered writes. Pure. */
export function planKong(input: PlanInput<KongObserved>): Plan {
  const { gatewayId, lastApplied, observed } = input;
  const held = new Set(input.held);
  const wanted = holdBack(input.desired, lastApplied, observed, held);
  const obstacles = findObstacles(gatewayId, wanted, lastApplied, observed);
  const guarded = new Set<string>();
  for (const { object } of obstacles.foreign) (object.kind === 'plugin' ? guarded : held).add(object.owner);
  const blocked = new Set(obstacles.foreign.map(({ object }) => object.id));
  const desired = holdBack(wanted, lastApplied, observed, held).filter(
    (object) =>
      !blocked.has(object.id) &&
      // Without its plugin the API may not be reached.
      !(object.kind === 'route' && guarded.has(object.owner)),
  );

  const steps: { step: Step; change: Change }[] = [];
  const made = new Map(lastApplied.map((object) => [object.id, object]));
  for (const { kind, entity } of obstacles.ours) steps.push({ step: 'clear', change: removal(kind, entity, made, 'holds the name of another object') });
  const cleared = new Set(obstacles.ours.map(({ entity }) => entity.id));
  for (const object of desired) {
    const change = put(object, observed);
    if (change !== undefined) steps.push({ step: 'put', change });
  }
  for (const change of removals(gatewayId, desired, made, observed)) {
    const { kind, owner, id } = change.object;
    const stays = held.has(owner) && (kind === 'service' || kind === 'route') && !guarded.has(owner);
    if (!stays && !cleared.has(id)) steps.push({ step: 'delete', change });
  }
  const changes = order.flatMap(([step, kind]) =>
    steps.filter((entry) => entry.step === step && entry.change.object.kind === kind).map(({ change }) => change),
  );
  const rejections = obstacles.foreign.flatMap(({ object, reason }) =>
    [object.owner, ...object.alsoFor].map((itemId): Finding => ({ itemId, phase: 'validate', reason })),
  );
  return { changes, rejections, target: desired };
}

function put(object: ManagedObject, observed: KongObserved): Change | undefined {
  const kind = object.kind as KongKind;
  const entity = observed.find(kind, object.id);
  if (entity !== undefined) {
    const detail = mismatch(object, entity, 'edit');
    return detail === undefined ? undefined : { action: 'put', object, detail };
  }
  if (kind !== 'plugin') return { action: 'put', object, detail: 'missing' };
  return { action: 'put', object, detail: 'missing', onRefusal: exposure(object, observed) };
}

/** The routes that would go on leading to a service whose new plugin Kong refuses. */
function exposure(plugin: ManagedObject, observed: KongObserved): Change[] {
  const service = plugin.fields['service'] as { id: string };
  return observed.entities.route
    .filter((route) => (route['service'] as { id?: string } | null)?.id === service.id && itemOf(route.tags) === plugin.owner)
    .map((route) => removal('route', route, new Map(), `Kong refused ${plugin.label}`));
}

/** What is ours and no longer desired. Also what we made and cannot see, because somebody took its tags away. */
function removals(
  gatewayId: string,
  desired: readonly ManagedObject[],
  made: ReadonlyMap<string, ManagedObject>,
  observed: KongObserved,
): Change[] {
  const kept = new Set(desired.map(({ id }) => id));
  const seen = (Object.keys(kongKinds) as KongKind[]).flatMap((kind) =>
    observed.entities[kind]
      .filter((entity) => !kept.has(entity.id) && (isOurs(entity.tags, gatewayId) || made.has(entity.id)))
      .map((entity) => removal(kind, entity, made, 'no longer desired')),
  );
  const ids = new Set(seen.map(({ object }) => object.id));
  // These two are listed by tag, so one without its tags looks missing while its key still opens the door.
  const unseen = [...made.values()].filter(
    ({ kind, id }) => (kind === 'consumer' || kind === 'credential') && !kept.has(id) && !ids.has(id),
  );
  return [...seen, ...unseen.map((object): Change => ({ action: 'delete', object, detail: 'no longer desired' }))];
}

function removal(kind: KongKind, entity: KongEntity, made: ReadonlyMap<string, ManagedObject>, detail: string): Change {
  const owner = made.get(entity.id)?.owner ?? itemOf(entity.tags) ?? '';
  return { action: 'delete', object: { kind, id: entity.id, label: labelOf(kind, entity), owner, alsoFor: [], fields: {} }, detail };
}
