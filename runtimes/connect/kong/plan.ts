import { describeDifferences, differences } from '../compare.ts';
import type { Change, Finding, ManagedObject, Plan, PlanInput } from '../model.ts';
import { kongKinds, labelOf, referenceOf, referencesOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { holdBack } from './hold.ts';
import { isOurs, itemOf } from './names.ts';
import { findObstacles } from './obstacles.ts';

/**
 * The order of writes. Keys that were revoked go first, and callers come before the plugins that ask for them. A plugin precedes the
 * routes it guards, and follows them out: an API is at no moment reachable without its policies. `clear` takes objects of ours out of the
 * way that hold a name under another id, as a restored dump leaves them; `close` comes before it where a plugin is replaced so, and
 * `open` when all is in place again.
 */
const order: readonly (readonly [step: Step, kind: KongKind])[] = [
  ['close', 'service'],
  ['clear', 'credential'], ['clear', 'membership'], ['clear', 'consumer'], ['clear', 'route'], ['clear', 'plugin'], ['clear', 'service'],
  ['delete', 'credential'], ['delete', 'membership'],
  ['put', 'consumer'], ['put', 'membership'], ['put', 'credential'],
  ['put', 'service'], ['put', 'plugin'], ['put', 'route'], ['open', 'service'],
  ['delete', 'route'], ['delete', 'plugin'], ['delete', 'service'], ['delete', 'consumer'],
];
type Step = 'close' | 'clear' | 'delete' | 'put' | 'open';
type Planned = { readonly step: Step; readonly change: Change };

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
  const obstacles = findObstacles(gatewayId, holdBack(input.desired, lastApplied, observed, held), lastApplied, observed);
  const unguarded = new Set<string>();
  const conflicts = [...obstacles.foreign, ...obstacles.overridden];
  for (const { object } of conflicts) (object.kind === 'plugin' ? unguarded : held).add(object.owner);
  const blocked = new Set(obstacles.foreign.map(({ object }) => object.id));
  const desired = holdBack(input.desired, lastApplied, observed, held)
    .filter(({ id }) => !blocked.has(id))
    // Without its plugin the API may not be reached.
    .map((object) => (object.kind === 'service' && unguarded.has(object.owner) ? withFields(object, closed) : object));

  const made = new Map(lastApplied.map((object) => [object.id, object]));
  const cleared = clearances(gatewayId, obstacles.ours, observed);
  const scene: Scene = { observed, made, cleared: new Set(cleared.map(({ entity }) => entity.id)), closing: closings(cleared, observed) };
  const steps: Planned[] = [
    ...[...scene.closing].map((service): Planned => ({ step: 'close', change: closing(service, made, 'a plugin of it is replaced') })),
    ...strays(desired, unguarded, scene).map((service): Planned => ({ step: 'close', change: closing(service, made, 'it is not guarded') })),
    ...cleared.map(({ kind, entity }): Planned => ({ step: 'clear', change: removal(kind, entity, made, 'holds the name of another object') })),
    ...desired.flatMap((object) => put(object, scene)),
    ...removals(gatewayId, desired, scene)
      .filter(({ object: { kind, owner } }) => !(held.has(owner) && (kind === 'service' || kind === 'route')))
      .map((change): Planned => ({ step: 'delete', change })),
  ];
  const changes = order.flatMap(([step, kind]) =>
    steps.filter((entry) => entry.step === step && entry.change.object.kind === kind).map(({ change }) => change),
  );
  const rejections = conflicts.flatMap(({ object, reason }) =>
    [object.owner, ...object.alsoFor].map((itemId): Finding => ({ itemId, phase: 'validate', reason })),
  );
  return { changes, rejections, target: desired };
}

/** What planning a single object needs to know of the rest. */
type Scene = {
  readonly observed: KongObserved;
  readonly made: ReadonlyMap<string, ManagedObject>;
  /** Ids of entities that are cleared away; what stands on them goes with them. */
  readonly cleared: ReadonlySet<string>;
  /** Services that are closed meanwhile. */
  readonly closing: ReadonlySet<KongEntity>;
};

const isGone = (entity: KongEntity, { cleared }: Scene): boolean => [entity.id, ...referencesOf(entity)].some((id) => cleared.has(id));

const closed = { enabled: false };
const withFields = (object: ManagedObject, fields: Readonly<Record<string, unknown>>): ManagedObject => ({
  ...object,
  fields: { ...object.fields, ...fields },
});

/** What is in the way, and the routes of ours that keep a service in the way from being deleted. */
function clearances(gatewayId: string, ours: readonly { kind: KongKind; entity: KongEntity }[], observed: KongObserved): typeof ours {
  const services = new Set(ours.flatMap(({ kind, entity }) => (kind === 'service' ? [entity.id] : [])));
  const listed = new Set(ours.map(({ entity }) => entity.id));
  const routes = observed.entities.route.filter(
    (route) => services.has(referenceOf(route, 'service') ?? '') && !listed.has(route.id) && isOurs(route.tags, gatewayId),
  );
  return [...ours, ...routes.map((entity) => ({ kind: 'route' as const, entity }))];
}

/** The open services that lose a plugin for a moment, because another of ours is put in its place. */
function closings(cleared: readonly { kind: KongKind; entity: KongEntity }[], observed: KongObserved): ReadonlySet<KongEntity> {
  const ids = cleared.flatMap(({ kind, entity }) => (kind === 'plugin' ? (referenceOf(entity, 'service') ?? []) : []));
  return new Set(ids.flatMap((id) => observed.find('service', id) ?? []).filter((service) => service['enabled'] !== false));
}

/** Kong answers 404 for the routes of a service that is not enabled: one write closes all of them. */
function closing(service: KongEntity, made: Scene['made'], detail: string): Change {
  return { action: 'patch', object: withFields(removal('service', service, made, detail).object, closed), detail };
}

/** Open services of held APIs that nothing remembers, where a plugin that they have to have cannot be put in place. */
function strays(desired: readonly ManagedObject[], unguarded: ReadonlySet<string>, { observed }: Scene): KongEntity[] {
  const kept = new Set(desired.map(({ id }) => id));
  return observed.entities.service.filter((service) => !kept.has(service.id) && service['enabled'] !== false && unguarded.has(itemOf(service.tags) ?? ''));
}

function put(object: ManagedObject, scene: Scene): Planned[] {
  const kind = object.kind as KongKind;
  const there = scene.observed.find(kind, object.id);
  const entity = there === undefined || isGone(there, scene) ? undefined : there;
  const reopens = entity !== undefined && scene.closing.has(entity);
  const detail = entity === undefined ? 'missing' : (mismatch(object, entity, 'edit') ?? (reopens ? 'was closed meanwhile' : undefined));
  if (detail === undefined) return [];
  if (kind === 'plugin') return [{ step: 'put', change: guard(object, entity, detail, scene) }];
  const opens = kind === 'service' && object.fields['enabled'] === true && (reopens || entity?.['enabled'] === false);
  return [{ step: opens ? 'open' : 'put', change: { action: 'put', object, detail } }];
}

/** A plugin whose policies are not in force yet takes its API out of service when it cannot be put in place. */
function guard(object: ManagedObject, entity: KongEntity | undefined, detail: string, { observed, made, closing: shut }: Scene): Change {
  const change: Change = { action: 'put', object, detail };
  const service = observed.find('service', (object.fields['service'] as { id: string }).id);
  if (service === undefined || service['enabled'] === false || shut.has(service)) return change;
  const before = made.get(object.id);
  const inForce =
    entity !== undefined && before !== undefined && mismatch(before, entity, 'edit') === undefined &&
    object.alsoFor.every((itemId) => before.alsoFor.includes(itemId));
  if (inForce) return change;
  return { ...change, onFailure: closing(service, made, `${object.label} could not be put in place`) };
}

/** What is ours and no longer desired. Also what we made and cannot see, because somebody took its tags away. */
function removals(gatewayId: string, desired: readonly ManagedObject[], scene: Scene): Change[] {
  const { made, observed } = scene;
  const kept = new Set(desired.map(({ id }) => id));
  const seen = (Object.keys(kongKinds) as KongKind[]).flatMap((kind) =>
    observed.entities[kind]
      .filter((entity) => !kept.has(entity.id) && !isGone(entity, scene) && (isOurs(entity.tags, gatewayId) || made.has(entity.id)))
      .map((entity) => removal(kind, entity, made, 'no longer desired')),
  );
  const ids = new Set(seen.map(({ object }) => object.id));
  // These are listed by tag, so one without its tags looks missing while its key still opens the door.
  const unseen = [...made.values()].filter(({ kind, id }) => listedByTag.has(kind) && !kept.has(id) && !ids.has(id));
  return [...seen, ...unseen.map((object): Change => ({ action: 'delete', object, detail: 'no longer desired' }))];
}

const listedByTag: ReadonlySet<string> = new Set(['consumer', 'credential', 'membership'] satisfies KongKind[]);

function removal(kind: KongKind, entity: KongEntity, made: ReadonlyMap<string, ManagedObject>, detail: string): Change {
  const owner = made.get(entity.id)?.owner ?? itemOf(entity.tags) ?? '';
  return { action: 'delete', object: { kind, id: entity.id, label: labelOf(kind, entity), owner, alsoFor: [], fields: {} }, detail };
}
