import { AdminError } from '../../engine/admin-error.ts';
import type { KongAdmin, KongNode } from './admin.ts';
import type { KongEntity, KongKind } from './entities.ts';
import { gatewayTag } from './names.ts';

/** What a Kong holds: services, routes and plugins of everybody; of consumers, their keys and their memberships only ours. */
export type KongObserved = {
  readonly node: KongNode;
  readonly entities: Readonly<Record<KongKind, readonly KongEntity[]>>;
  /** The entity of a kind with an id: a Kong may hold tens of thousands. */
  find(kind: string, id: string): KongEntity | undefined;
};

/**
 * @throws AdminError `unsupported` for a Kong without a database, whose whole configuration is replaced at each write, other people's
 * services with it (lesson 15); and for one before 3.0, which takes a `~` path for a literal one and then never matches it.
 */
export async function requireSupported(admin: KongAdmin, signal: AbortSignal): Promise<KongNode> {
  const node = await admin.node(signal);
  if (Number.parseInt(node.version, 10) < 3) {
    throw new AdminError('unsupported', `This Kong has version ${node.version}, and the Kong adapter needs 3.0 or newer.`);
  }
  if (node.database !== 'off') return node;
  throw new AdminError('unsupported', 'This Kong runs without a database, and the Kong adapter needs database mode.');
}

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
  return observedKong(node, { service, route, plugin, consumer, credential, membership });
}

/** Makes entities findable by kind and id. */
export function observedKong(node: KongNode, entities: KongObserved['entities']): KongObserved {
  const index = new Map(Object.entries(entities).map(([kind, list]) => [kind, new Map(list.map((entity) => [entity.id, entity]))]));
  return { node, entities, find: (kind, id) => index.get(kind)?.get(id) };
}
