import { AdminError } from '../../engine/admin-error.ts';
import type { ManagedObject } from '../../engine/model.ts';
import type { KongAdmin, KongNode } from './admin.ts';
import { referencesOf, textOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import { entitiesIn, readDocument } from './dbless/document.ts';
import type { Document } from './dbless/document.ts';
import { concerns, gatewayTag, isOurs } from './names.ts';
import { requireSupported } from './probe.ts';

/** What a Kong holds: services, routes and plugins of everybody; of consumers, their keys and their memberships only ours. */
export type KongObserved = {
  /** The gateway that it was read for. */
  readonly gatewayId: string;
  readonly node: KongNode;
  readonly entities: Readonly<Record<KongKind, readonly KongEntity[]>>;
  /** The entity of a kind with an id: a Kong may hold tens of thousands. */
  find(kind: string, id: string): KongEntity | undefined;
  /** Of a Kong without a database: its whole configuration, and what Kong knows it by. */
  readonly document?: Document | undefined;
  readonly hash?: string | undefined;
};

/** Of other people's keys and memberships so many pages are looked through, and none where there are more: then ways in of somebody else's making go unseen. */
const maxForeignPages = 20;

/**
 * Reads a Kong; of one without a database its whole configuration, of one with a database what concerns us. Consumers are read by our tag: there may be millions of others. Of keys and memberships those are kept that let somebody in to what is
 * ours, whoever made them; of a key that is not ours, never the key itself.
 */
export async function fetchKong(admin: KongAdmin, gatewayId: string, signal: AbortSignal): Promise<KongObserved> {
  const node = await requireSupported(admin, signal);
  if (node.database === 'off') return fetchDocument(admin, gatewayId, node, signal);
  const tag = gatewayTag(gatewayId);
  const ofAnybody = async (kind: 'credential' | 'membership'): Promise<KongEntity[]> => {
    try {
      return await admin.list(kind, { signal, maxPages: maxForeignPages });
    } catch (error) {
      if (error instanceof AdminError && error.code === 'too_many') return admin.list(kind, { tag, signal });
      throw error;
    }
  };
  const [service, route, plugin, consumer, credentials, memberships] = await Promise.all([
    admin.list('service', { signal }),
    admin.list('route', { signal }),
    admin.list('plugin', { signal }),
    admin.list('consumer', { tag, signal }),
    ofAnybody('credential'),
    ofAnybody('membership'),
  ]);
  return observedKong(
    { gatewayId, node },
    ofConcern(gatewayId, { service, route, plugin, consumer, credential: credentials, membership: memberships }),
  );
}

/** Of keys and memberships those that let somebody in to what is ours; of a key that is not ours, never the key itself. */
function ofConcern(gatewayId: string, entities: KongObserved['entities']): KongObserved['entities'] {
  const consumers = new Set(entities.consumer.filter(({ tags }) => isOurs(tags, gatewayId)).map(({ id }) => id));
  const credential = entities.credential
    .filter((entity) => concerns(gatewayId, consumers, entity))
    .map((entity) => (isOurs(entity.tags, gatewayId) ? entity : withoutKey(entity)));
  return { ...entities, credential, membership: entities.membership.filter((entity) => concerns(gatewayId, consumers, entity)) };
}

/** The hash is read first: where the configuration changes meanwhile, it is no longer the newest when it is asked for again. */
async function fetchDocument(admin: KongAdmin, gatewayId: string, node: KongNode, signal: AbortSignal): Promise<KongObserved> {
  const hash = await admin.hash(signal);
  const document = readDocument(await admin.config(signal));
  return { ...observedKong({ gatewayId, node }, ofConcern(gatewayId, entitiesIn(document))), document, hash };
}

const withoutKey = ({ key: _key, ...entity }: KongEntity): KongEntity => entity;

/** Reads these objects anew; the rest is taken as it was. */
export async function refreshKong(
  admin: KongAdmin,
  observed: KongObserved,
  objects: readonly ManagedObject[],
  signal: AbortSignal,
): Promise<KongObserved> {
  const { entities, ...about } = observed;
  if (about.document !== undefined) return fetchKong(admin, about.gatewayId, signal);
  const found = await Promise.all(
    objects.map(async ({ kind, id }) => ({ kind: kind as KongKind, id, entity: await admin.get(kind as KongKind, id, signal) })),
  );
  // What is the very same as before has been compared before.
  if (found.every(({ kind, id, entity }) => JSON.stringify(entity) === JSON.stringify(observed.find(kind, id)))) return observed;
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
  // There are no others than were read.
  if (observed.document !== undefined) return observed;
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

/** What is observed without what a change is not about. A plan for a Kong without a database is of everything. */
export function narrowKong(observed: KongObserved, outside: readonly ManagedObject[]): KongObserved | undefined {
  if (observed.document !== undefined) return undefined;
  const ids = new Set(outside.map(({ id }) => id));
  const rest = Object.entries(observed.entities).map(([kind, list]) => [kind, list.filter(({ id }) => !ids.has(id))]);
  return observedKong(observed, Object.fromEntries(rest) as KongObserved['entities']);
}

/** Makes entities findable by kind and id. */
export function observedKong({ gatewayId, node }: Pick<KongObserved, 'gatewayId' | 'node'>, entities: KongObserved['entities']): KongObserved {
  const index = new Map(Object.entries(entities).map(([kind, list]) => [kind, new Map(list.map((entity) => [entity.id, entity]))]));
  return { gatewayId, node, entities, find: (kind, id) => index.get(kind)?.get(id) };
}
