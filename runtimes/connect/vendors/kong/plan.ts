import type { Change, Finding, ManagedObject, PlanInput, Write, WritePlan } from '../../engine/model.ts';
import { clearances, isGone, removal } from './clearing.ts';
import type { Scene } from './clearing.ts';
import { closed, closing, closings, guard, leaving, strays, withFields } from './closing.ts';
import { kongKinds, labelOf, referenceOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { holdBack } from './hold.ts';
import { markerOf } from './marker.ts';
import { kongMismatch } from './mismatch.ts';
import { isOurs } from './names.ts';
import { findObstacles } from './obstacles.ts';

/**
 * The order of writes. Keys that were revoked go first, and callers come before the plugins that ask for them. A plugin precedes the
 * routes it guards, and follows them out: an API is at no moment reachable without its policies. `sweep` takes away what has lost its meaning
 * only when the plugins are in place: memberships of a group that no API allows any more. `clear` takes objects of ours out of the
 * way that hold a name under another id, as a restored dump leaves them. `close` takes an API out of service with one write, where a plugin
 * is replaced so or all its routes are to go; `open` puts it back when all is in place. `mark` says at the end which state this is.
 */
const order: readonly (readonly [step: Step, kind: KongKind])[] = [
  ['close', 'service'],
  ['clear', 'credential'],
  ['clear', 'membership'],
  ['clear', 'consumer'],
  ['clear', 'route'],
  ['clear', 'plugin'],
  ['clear', 'service'],
  ['delete', 'credential'],
  ['delete', 'membership'],
  ['put', 'consumer'],
  ['put', 'membership'],
  ['put', 'credential'],
  ['put', 'service'],
  ['put', 'plugin'],
  ['put', 'route'],
  ['open', 'service'],
  ['sweep', 'membership'],
  ['delete', 'route'],
  ['delete', 'plugin'],
  ['delete', 'service'],
  ['delete', 'consumer'],
  ['mark', 'route'],
  ['mark', 'plugin'],
];
type Step = 'close' | 'clear' | 'delete' | 'put' | 'open' | 'sweep' | 'mark';
type Planned = { readonly step: Step; readonly change: Change; readonly onFailure?: Change; readonly also?: readonly Change[] };

/** Compares desired, last applied and observed, and answers the ordered writes. Pure. @param isMarked whether the proxy is to say which state it serves */
export function planKong(input: PlanInput<KongObserved>, isMarked = false): WritePlan<undefined> {
  const { gatewayId, lastApplied, observed } = input;
  const held = new Set(input.held);
  const obstacles = findObstacles({ ...input, desired: holdBack(input.desired, lastApplied, observed, held) });
  const unguarded = new Set<string>();
  const conflicts = [...obstacles.foreign, ...obstacles.overridden];
  for (const { object } of conflicts) (object.kind === 'plugin' ? unguarded : held).add(object.owner);
  const blocked = new Set(obstacles.foreign.map(({ object }) => object.id));
  const desired = holdBack(input.desired, lastApplied, observed, held)
    // Nor what would stand on it: Kong would refuse each of these in words of its own.
    .filter(({ id, fields }) => !blocked.has(id) && !blocked.has((fields['consumer'] as { id: string } | null | undefined)?.id ?? ''))
    // Without its plugin the API may not be reached.
    .map((object) => (object.kind === 'service' && unguarded.has(object.owner) ? withFields(object, closed) : object));

  const made = new Map(lastApplied.map((object) => [object.id, object]));
  const cleared = clearances(gatewayId, obstacles.ours, observed);
  const scene: Scene = { observed, made, cleared: new Set(cleared.map(({ entity }) => entity.id)), closing: closings(cleared, observed) };
  const marker = isMarked ? markerOf(gatewayId, desired) : [];
  const unwanted = removals(gatewayId, [...desired, ...marker], scene).filter(
    ({ object: { kind, owner } }) => !(held.has(owner) && (kind === 'service' || kind === 'route')),
  );
  const close =
    (detail: string) =>
    (service: KongEntity): Planned => ({ step: 'close', change: closing(service, made, detail) });
  const gone = new Set(unwanted.flatMap(({ object }) => (object.kind === 'service' ? [object.id] : [])));
  const stuck = stuckServices(gone, scene);
  const steps: Planned[] = [
    ...[...scene.closing].map(close('a plugin of it is replaced')),
    ...strays(gatewayId, desired, unguarded, scene).map(close('it is not guarded')),
    ...leaving(unwanted, scene).map(close('no longer desired')),
    ...cleared.map(({ kind, entity }): Planned => ({ step: 'clear', change: removal(kind, entity, made, 'holds the name of another object') })),
    ...desired.flatMap((object) => put(object, scene)),
    ...marker.flatMap((object) => mark(object, scene)),
    ...[...stuck.keys()].filter(({ enabled }) => enabled !== false).map(close('it has to go, and a route of somebody else stands on it')),
    ...unwanted.flatMap((change): Planned[] => {
      const { kind, id } = change.object;
      const entity = observed.find(kind, id);
      const service =
        kind === 'service'
          ? entity
          : kind === 'plugin' && entity !== undefined
            ? observed.find('service', referenceOf(entity, 'service') ?? '')
            : undefined;
      // A service that cannot go keeps its guards, and is closed. The plugins of one that goes, go with it: until then they guard it.
      if (service !== undefined && (stuck.has(service) || (kind === 'plugin' && gone.has(service.id)))) return [];
      const also = kind === 'service' ? unwanted.filter(({ object }) => object.kind === 'plugin' && standsOn(observed, object.id, id)) : [];
      const closes = kind === 'service' && entity !== undefined && entity['enabled'] !== false;
      const onFailure = closes ? closing(entity, made, 'it has to go, and could not be deleted') : undefined;
      return [
        {
          step: isObsolete(change, input.everything ?? desired, observed) ? 'sweep' : 'delete',
          change,
          also,
          ...(onFailure !== undefined && { onFailure }),
        },
      ];
    }),
  ];
  const rejections = conflicts.flatMap(({ object, reason }) =>
    [object.owner, ...object.alsoFor].map((itemId): Finding => ({ itemId, phase: 'validate', reason })),
  );
  return {
    writes: inOrder(steps),
    checkpoints,
    rejections: [...rejections, ...leftOver(stuck, made)],
    target: [...desired, ...leftThere(stuck, scene), ...marker],
  };
}

const stages = new Map(order.map(([step, kind], stage) => [`${step} ${kind}`, stage]));

/** What closes a service is read back before its plugins go, plugins before routes lead to what they guard, and routes before what guards them goes. */
const checkpoints = ['clear plugin', 'put route', 'delete plugin'].map((step) => stages.get(step) ?? 0);

/** Writes by the table of the order, one request each. */
function inOrder(steps: readonly Planned[]): Write<undefined>[] {
  const writes = steps.map(({ step, change, onFailure, also = [] }) => {
    const stage = stages.get(`${step} ${change.object.kind}`);
    if (stage === undefined) throw new Error(`The order of writes has no place to ${step} a ${change.object.kind}.`);
    const always = change.action === 'delete' && grantsAccess.has(change.object.kind);
    return { ...write(change, stage, also), ...(always && { always }), ...(onFailure !== undefined && { onFailure: write(onFailure, stage) }) };
  });
  return writes.sort((a, b) => a.stage - b.stage);
}

/** `also`: what goes with the object of the change without being asked for. */
const write = (change: Change, stage: number, also: readonly Change[] = []): Write<undefined> => ({
  changes: [change, ...also],
  stage,
  payload: undefined,
});

/** What takes access away from somebody when it is deleted. */
const grantsAccess: ReadonlySet<string> = new Set(['route', 'consumer', 'credential', 'membership'] satisfies KongKind[]);

const standsOn = (observed: KongObserved, pluginId: string, serviceId: string): boolean => {
  const plugin = observed.find('plugin', pluginId);
  return plugin !== undefined && referenceOf(plugin, 'service') === serviceId;
};

/** Services that are to go, and cannot, because somebody hung a route of his own on them. */
function stuckServices(gone: ReadonlySet<string>, { observed, made }: Scene): ReadonlyMap<KongEntity, KongEntity> {
  const stuck = new Map<KongEntity, KongEntity>();
  for (const route of observed.entities.route) {
    const service = observed.find('service', referenceOf(route, 'service') ?? '');
    if (service === undefined || !gone.has(service.id) || isOurs(route.tags, observed.gatewayId) || made.has(route.id)) continue;
    stuck.set(service, route);
  }
  return stuck;
}

/** What is still there of a service that cannot go, as it was last applied but for being closed. */
function leftThere(stuck: ReadonlyMap<KongEntity, KongEntity>, { observed, made }: Scene): ManagedObject[] {
  const ids = new Set([...stuck.keys()].map(({ id }) => id));
  return [...made.values()].flatMap((object): ManagedObject[] => {
    if (ids.has(object.id)) return [withFields(object, closed)];
    const plugin = object.kind === 'plugin' ? observed.find('plugin', object.id) : undefined;
    return plugin !== undefined && ids.has(referenceOf(plugin, 'service') ?? '') ? [object] : [];
  });
}

function leftOver(stuck: ReadonlyMap<KongEntity, KongEntity>, made: Scene['made']): Finding[] {
  return [...stuck].map(([service, route]) => {
    const { owner, label } = removal('service', service, made, '').object;
    const reason = `${label} is no longer desired and cannot go, because ${labelOf('route', route)} is not managed by this STOA Connect and stands on it. It is closed, and keeps its plugins; remove the route.`;
    return { itemId: owner, phase: 'validate', reason };
  });
}

/**
 * Whether a membership is of a group that no plugin is to allow any more. It opens nothing once the plugins are in place, and callers
 * keep their access until then; any other is a subscription withdrawn, and goes first.
 */
function isObsolete({ object }: Change, desired: readonly ManagedObject[], observed: KongObserved): boolean {
  const group = object.kind === 'membership' ? observed.find('membership', object.id)?.['group'] : undefined;
  if (group === undefined) return false;
  return !desired.some(({ kind, fields }) => kind === 'plugin' && fields['name'] === 'acl' && allows(fields['config'], group));
}

const allows = (config: unknown, group: unknown): boolean => (config as { allow: readonly unknown[] }).allow.includes(group);

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
  // These are listed by tag, so one without its tags looks missing while its key still gives access.
  const unseen = [...made.values()].filter(({ kind, id }) => listedByTag.has(kind) && !kept.has(id) && !ids.has(id));
  return [...seen, ...unseen.map((object): Change => ({ action: 'delete', object, detail: 'no longer desired' }))];
}

const listedByTag: ReadonlySet<string> = new Set(['consumer', 'credential', 'membership'] satisfies KongKind[]);

function mark(object: ManagedObject, { observed }: Scene): Planned[] {
  const entity = observed.find(object.kind, object.id);
  const detail = entity === undefined ? 'missing' : kongMismatch(object, entity, 'edit');
  return detail === undefined ? [] : [{ step: 'mark', change: { action: entity === undefined ? 'put' : 'patch', object, detail } }];
}

function put(object: ManagedObject, scene: Scene): Planned[] {
  const kind = object.kind as KongKind;
  const there = scene.observed.find(kind, object.id);
  const entity = there === undefined || isGone(there, scene) ? undefined : there;
  const reopens = entity !== undefined && scene.closing.has(entity);
  const detail = entity === undefined ? 'missing' : (kongMismatch(object, entity, 'edit') ?? (reopens ? 'was closed meanwhile' : undefined));
  if (detail === undefined) return [];
  // What is there is merged with, so that fields that we do not set stay as somebody set them: a PUT would set them back to defaults.
  const action = entity === undefined ? 'put' : 'patch';
  if (kind === 'plugin') {
    const onFailure = guard(object, entity, scene);
    return [{ step: 'put', change: { action, object, detail }, ...(onFailure !== undefined && { onFailure }) }];
  }
  const opens = kind === 'service' && object.fields['enabled'] === true && (reopens || entity?.['enabled'] === false);
  return [{ step: opens ? 'open' : 'put', change: { action, object, detail } }];
}
