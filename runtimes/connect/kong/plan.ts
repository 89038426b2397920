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

/** Where an observed entity differs from an object, in words; undefined when it does not. */
export function mismatch(object: ManagedObject, entity: KongEntity): string | undefined {
  const found = differences(object.fields, entity, unordered);
  return found.length === 0 ? undefined : describeDifferences(found, confidential);
}

/** Compares desired, last applied and observed, and answers the ordered writes. Pure. */
export function planKong(input: PlanInput<KongObserved>): Plan {
  const { gatewayId, lastApplied, observed } = input;
  const held = new Set(input.held);
  const wanted = holdBack(input.desired, lastApplied, observed, held);
  const obstacles = findObstacles(gatewayId, wanted, lastApplied, observed);
  const guarded = new Set<string>();
  for (const { object } of obstacles.foreign) (object.kind === 'plugin' ? guarded : held).add(object.owner);
  const desired = holdBack(wanted, lastApplied, observed, held).filter(
    (object) =>
      !obstacles.foreign.some((obstacle) => obstacle.object.id === object.id) &&
      // Without its plugin the API may not be reached.
      !(object.kind === 'route' && guarded.has(object.owner)),
  );

  const steps: { step: Step; change: Change }[] = [];
  for (const { kind, entity } of obstacles.ours) steps.push({ step: 'clear', change: removal(kind, entity, lastApplied, 'holds the name of another object') });
  const cleared = new Set(obstacles.ours.map(({ entity }) => entity.id));
  for (const object of desired) {
    const change = put(object, observed);
    if (change !== undefined) steps.push({ step: 'put', change });
  }
  for (const change of removals(gatewayId, desired, lastApplied, observed)) {
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
  const entity = observed.entities[kind].find(({ id }) => id === object.id);
  if (entity !== undefined) {
    const detail = mismatch(object, entity);
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
    .map((route) => removal('route', route, [], `Kong refused ${plugin.label}`));
}

/** What is ours and no longer desired. Also what we made and cannot see, because somebody took its tags away. */
function removals(
  gatewayId: string,
  desired: readonly ManagedObject[],
  lastApplied: readonly ManagedObject[],
  observed: KongObserved,
): Change[] {
  const kept = new Set(desired.map(({ id }) => id));
  const made = new Map(lastApplied.map((object) => [object.id, object]));
  const seen = (Object.keys(kongKinds) as KongKind[]).flatMap((kind) =>
    observed.entities[kind]
      .filter((entity) => !kept.has(entity.id) && (isOurs(entity.tags, gatewayId) || made.has(entity.id)))
      .map((entity) => removal(kind, entity, lastApplied, 'no longer desired')),
  );
  const ids = new Set(seen.map(({ object }) => object.id));
  // These two are listed by tag, so one without its tags looks missing while its key still opens the door.
  const unseen = lastApplied.filter(
    ({ kind, id }) => (kind === 'consumer' || kind === 'credential') && !kept.has(id) && !ids.has(id),
  );
  return [...seen, ...unseen.map((object): Change => ({ action: 'delete', object, detail: 'no longer desired' }))];
}

function removal(kind: KongKind, entity: KongEntity, lastApplied: readonly ManagedObject[], detail: string): Change {
  const known = lastApplied.find(({ id }) => id === entity.id);
  const owner = known?.owner ?? itemOf(entity.tags) ?? '';
  return { action: 'delete', object: { kind, id: entity.id, label: labelOf(kind, entity), owner, alsoFor: [], fields: {} }, detail };
}
