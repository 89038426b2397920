import { changesTo, targetOf } from '../../../engine/plan-document.ts';
import type { ObjectRole } from '../../../engine/plan-document.ts';
import type { Inspected, ManagedObject, PlanInput, WritePlan } from '../../../engine/model.ts';
import { labelOf, referenceOf } from '../entities.ts';
import type { KongEntity, KongKind } from '../entities.ts';
import type { KongObserved } from '../fetch.ts';
import { isOurs, itemOf } from '../names.ts';
import { kongMismatch } from '../mismatch.ts';
import { planKong } from '../plan.ts';
import { withOurs } from './document.ts';
import type { Document } from './document.ts';

const roles: Readonly<Record<KongKind, ObjectRole>> = {
  service: 'exposure',
  route: 'exposure',
  plugin: 'guard',
  consumer: 'caller',
  credential: 'caller',
  membership: 'caller',
};
const roleOf = ({ kind }: ManagedObject): ObjectRole => roles[kind as KongKind];

/**
 * The plan for a Kong without a database: what shall be is what it is for one with a database, and it is written at once, with everything that is not ours in it as it was. Pure.
 * @param marked what carries our tags
 */
export function planKongDocument(
  input: PlanInput<KongObserved>,
  document: Document,
  marked: Inspected['marked'],
  isMarked: boolean,
): WritePlan<Document | undefined> {
  const { gatewayId, observed, lastApplied, refused } = input;
  const fit = refused.size === 0 ? input.desired : withoutLost(targetOf({ ...input, held: new Set() }, roleOf));
  const planned = planKong({ ...input, desired: fit }, isMarked);
  const target = [...planned.target, ...stuck(planned.target, observed, lastApplied)];
  const gateway: Inspected<KongEntity> = {
    find: observed.find,
    mismatch: (object, entity) => kongMismatch(object, entity, 'edit'),
    marked,
  };
  const changes = changesTo(target, lastApplied, gateway).map((change) =>
    change.action === 'put' && observed.find(change.object.kind, change.object.id) !== undefined ? { ...change, action: 'patch' as const } : change,
  );
  const made = new Set(lastApplied.map(({ id }) => id));
  const writes = changes.length === 0 ? [] : [{ changes, stage: 0, payload: withOurs(document, gatewayId, target, made) }];
  return { writes, rejections: planned.rejections, target };
}

/** Without what belongs to a consumer that was refused: Kong would refuse the document for it, and say nowhere why. */
function withoutLost(objects: readonly ManagedObject[]): ManagedObject[] {
  const ids = new Set(objects.map(({ id }) => id));
  return objects.filter(({ fields }) => {
    const consumer = (fields['consumer'] as { id: string } | null | undefined)?.id;
    return consumer === undefined || ids.has(consumer);
  });
}

/** A service of ours that is to go and that somebody's route stands on: without it the document would be refused. It stays closed, under the plugins that it has. */
function stuck(target: readonly ManagedObject[], { entities, gatewayId }: KongObserved, lastApplied: readonly ManagedObject[]): ManagedObject[] {
  const kept = new Set(target.map(({ id }) => id));
  const made = new Set(lastApplied.map(({ id }) => id));
  const isGoing = ({ id, tags }: KongEntity): boolean => !kept.has(id) && (isOurs(tags, gatewayId) || made.has(id));
  const held = new Set(entities.route.filter((route) => !isGoing(route) && !kept.has(route.id)).map((route) => referenceOf(route, 'service')));
  return entities.service
    .filter((service) => isGoing(service) && held.has(service.id))
    .flatMap((service): ManagedObject[] => [
      asIs('service', service, { enabled: false }),
      ...entities.plugin
        .filter((plugin) => referenceOf(plugin, 'service') === service.id && isGoing(plugin))
        .map((plugin) => asIs('plugin', plugin, {})),
    ]);
}

const asIs = (kind: KongKind, entity: KongEntity, fields: Readonly<Record<string, unknown>>): ManagedObject => ({
  kind,
  id: entity.id,
  label: labelOf(kind, entity),
  owner: itemOf(entity.tags) ?? '',
  alsoFor: [],
  fields,
});
