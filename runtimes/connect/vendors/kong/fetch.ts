import type { ManagedObject } from '../../engine/model.ts';
import type { KongAdmin, KongNode } from './admin.ts';
import { referencesOf, textOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import { gatewayTag, isOurs } from './names.ts';
import { requireSupported } from './probe.ts';

/** What a Kong holds: services, routes and plugins of everybody; of consumers, their keys and their memberships only ours. */
export type KongObserved = {
  /** The gateway that it was read for. */
  readonly gatewayId: string;
  readonly node: KongNode;
  readonly entities: Readonly<Record<KongKind, readonly KongEntity[]>>;
  /** The entity of a kind with an id: a Kong may hold tens of thousands. */
  find(kind: string, id: string): KongEntity | undefined;
};

/**
 * Reads a Kong in database mode. Consumers and credentials are read by our tag: other people's keys come back in clear and are none
 * of our business, and there may be millions.
 */
export async function fetchKong(admin: KongAdmin, gatewayId: string, signal: AbortSignal): Promise<KongObserved> {
  const node = await requireSupported(admin, signal);
  const tag = gatewayTag(gatewayId);
  const [service, route, plugin, consumer, credential, membership] = await Promise.all([
    admin.list('service', { signal }),
    admin.list('route', { signal }),
    admin.list('plugin', { signal }),
    admin.list('consumer', { tag, signal }),
    admin.list('credential', { tag, signal }),
    admin.list('membership', { tag, signal }),
  ]);
  return observedKong({ gatewayId, node }, { service, route, plugin, consumer, credential, membership });
}

/** Reads these objects anew; the rest is taken as it was. */
export async function refreshKong(
  admin: KongAdmin,
  { entities, ...about }: KongObserved,
  objects: readonly ManagedObject[],
  signal: AbortSignal,
): Promise<KongObserved> {
  const found = await Promise.all(
    objects.map(async ({ kind, id }) => ({ kind: kind as KongKind, id, entity: await admin.get(kind as KongKind, id, signal) })),
  );
  const news = Map.groupBy(found, ({ kind }) => kind);
  // What stood on something that is gone went with it.
  const gone = new Set(found.flatMap(({ id, entity }) => (entity === undefined ? [id] : [])));
  const isLeft = (entity: KongEntity): boolean => gone.size === 0 || !referencesOf(entity).some((id) => gone.has(id));
  const renewed = Object.entries(entities).map(([kind, list]) => {
    const read = news.get(kind as KongKind) ?? [];
    const ids = new Set(read.map(({ id }) => id));
    return [kind, [...list.filter((entity) => !ids.has(entity.id) && isLeft(entity)), ...read.flatMap(({ entity }) => entity ?? [])]];
  });
  // The same kinds as before.
  return observedKong(about, Object.fromEntries(renewed) as KongObserved['entities']);
}

/** Beyond this many consumers of unknown names, listing all of them is cheaper than asking for each. */
const maxNamesAsked = 200;

/**
 * Consumers are read by our tag. Whether somebody else has the name of one that is not there yet, is asked by its name: the plan then says so, and nothing is written.
 */
export async function scoutKong(
  admin: KongAdmin,
  observed: KongObserved,
  desired: readonly ManagedObject[],
  signal: AbortSignal,
): Promise<KongObserved> {
  const missing = desired.filter(({ kind, id }) => kind === 'consumer' && observed.find(kind, id) === undefined);
  const known = observed.entities.consumer.filter(({ tags }) => isOurs(tags, observed.gatewayId));
  if (missing.length === 0 && known.length === observed.entities.consumer.length) return observed;
  const names = new Set(missing.map(({ fields }) => String(fields['username'])));
  const found =
    names.size > maxNamesAsked
      ? (await admin.list('consumer', { signal })).filter((entity) => names.has(textOf(entity, 'username') ?? ''))
      : (await Promise.all([...names].map((name) => admin.get('consumer', name, signal)))).flatMap((entity) => entity ?? []);
  const ids = new Set(known.map(({ id }) => id));
  return observedKong(observed, { ...observed.entities, consumer: [...known, ...found.filter(({ id }) => !ids.has(id))] });
}

/** Makes entities findable by kind and id. */
export function observedKong({ gatewayId, node }: Pick<KongObserved, 'gatewayId' | 'node'>, entities: KongObserved['entities']): KongObserved {
  const index = new Map(Object.entries(entities).map(([kind, list]) => [kind, new Map(list.map((entity) => [entity.id, entity]))]));
  return { gatewayId, node, entities, find: (kind, id) => index.get(kind)?.get(id) };
}
