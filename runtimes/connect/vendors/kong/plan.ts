import type { Change, Finding, ManagedObject, WritePlan, PlanInput } from '../../engine/model.ts';
import { clearances, isGone, removal } from './clearing.ts';
import type { Scene } from './clearing.ts';
import { closed, closing, closings, guard, leaving, strays, withFields } from './closing.ts';
import { kongKinds } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { holdBack } from './hold.ts';
import { kongMismatch } from './mismatch.ts';
import { isOurs } from './names.ts';
import { findObstacles } from './obstacles.ts';

/**
 * The order of writes. Keys that were revoked go first, and callers come before the plugins that ask for them. A plugin precedes the
 * routes it guards, and follows them out: an API is at no moment reachable without its policies. `sweep` takes away what has lost its meaning
 * only when the plugins are in place: memberships of a group that no API allows any more. `clear` takes objects of ours out of the
 * way that hold a name under another id, as a restored dump leaves them. `close` takes an API out of service with one write, where a plugin
 * is replaced so or all its routes are to go; `open` puts it back when all is in place.
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
];
type Step = 'close' | 'clear' | 'delete' | 'put' | 'open' | 'sweep';
type Planned = { readonly step: Step; readonly change: Change };

/** Compares desired, last applied and observed, and answers the ordered writes. Pure. */
export function planKong(input: PlanInput<KongObserved>): WritePlan {
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
  const unwanted = removals(gatewayId, desired, scene).filter(
    ({ object: { kind, owner } }) => !(held.has(owner) && (kind === 'service' || kind === 'route')),
  );
  const close =
    (detail: string) =>
    (service: KongEntity): Planned => ({ step: 'close', change: closing(service, made, detail) });
  const steps: Planned[] = [
    ...[...scene.closing].map(close('a plugin of it is replaced')),
    ...strays(gatewayId, desired, unguarded, scene).map(close('it is not guarded')),
    ...leaving(unwanted, scene).map(close('no longer desired')),
    ...cleared.map(({ kind, entity }): Planned => ({ step: 'clear', change: removal(kind, entity, made, 'holds the name of another object') })),
    ...desired.flatMap((object) => put(object, scene)),
    ...unwanted.map((change): Planned => ({ step: isObsolete(change, desired, observed) ? 'sweep' : 'delete', change })),
  ];
  const changes = order.flatMap(([step, kind]) =>
    steps.filter((entry) => entry.step === step && entry.change.object.kind === kind).map(({ change }) => change),
  );
  const rejections = conflicts.flatMap(({ object, reason }) =>
    [object.owner, ...object.alsoFor].map((itemId): Finding => ({ itemId, phase: 'validate', reason })),
  );
  return { changes, rejections, target: desired };
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

function put(object: ManagedObject, scene: Scene): Planned[] {
  const kind = object.kind as KongKind;
  const there = scene.observed.find(kind, object.id);
  const entity = there === undefined || isGone(there, scene) ? undefined : there;
  const reopens = entity !== undefined && scene.closing.has(entity);
  const detail = entity === undefined ? 'missing' : (kongMismatch(object, entity, 'edit') ?? (reopens ? 'was closed meanwhile' : undefined));
  if (detail === undefined) return [];
  if (kind === 'plugin') return [{ step: 'put', change: guard(object, entity, detail, scene) }];
  const opens = kind === 'service' && object.fields['enabled'] === true && (reopens || entity?.['enabled'] === false);
  return [{ step: opens ? 'open' : 'put', change: { action: 'put', object, detail } }];
}
