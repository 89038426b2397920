import type { ItemsOf, ManagedObject, Subscribed } from '../../engine/model.ts';
import { objectId } from '../../engine/object-id.ts';
import { managed } from './managed.ts';
import { consumerGroup, consumerName, subscriberGroup } from './names.ts';

type Consumer = ItemsOf<'consumer'>;
type Key = Consumer['keys'][number];

const expiryPrefix = 'stoa-expires:';
/** The longest life that Kong takes for a credential. */
const maxTtlS = 100_000_000;

/** Renders a consumer and its valid keys. A key that came without its secret cannot be made, and is a warning. */
export function renderConsumer(gatewayId: string, consumer: Consumer, nowMs: number): { objects: ManagedObject[]; warnings: string[] } {
  const name = consumerName(consumer.name);
  const object = managed(gatewayId, {
    kind: 'consumer',
    name,
    owner: consumer.id,
    fields: { username: name, custom_id: consumer.consumer_id },
  });
  const valid = consumer.keys.filter((key) => key.expires_at === undefined || Date.parse(key.expires_at) > nowMs);
  const missing = valid.filter((key) => key.secret === undefined);
  const warnings = missing.map((key) => `The key ${key.key_id} came without its secret, so that Kong does not accept it; mint a new one.`);
  const credentials = valid.flatMap((key) =>
    key.secret === undefined ? [] : [credential(gatewayId, consumer, object.id, { ...key, secret: key.secret })],
  );
  return { objects: [object, ...credentials], warnings };
}

/** Lets a consumer through the acl plugin of every API that is open to all consumers of this gateway. */
export function renderMembership(gatewayId: string, consumer: Consumer): ManagedObject {
  return membership(gatewayId, consumer, { group: consumerGroup(gatewayId), name: consumerName(consumer.name), owner: consumer.id });
}

/** Lets a consumer through the acl plugin of the API that it is subscribed to. */
export function renderSubscription(gatewayId: string, { itemId: owner, apiId }: Subscribed, consumer: Consumer): ManagedObject {
  const group = subscriberGroup(gatewayId, apiId);
  return membership(gatewayId, consumer, { group, name: `${consumerName(consumer.name)}/${apiId}`, owner });
}

/** key-auth alone takes the key of anybody on the whole node: who belongs to no group that an API allows, is refused there. */
function membership(gatewayId: string, consumer: Consumer, { group, name, owner }: { group: string; name: string; owner: string }): ManagedObject {
  const username = consumerName(consumer.name);
  return managed(gatewayId, {
    kind: 'membership',
    name,
    label: `membership of ${username} in ${group}`,
    owner,
    fields: { consumer: { id: objectId(gatewayId, 'consumer', username) }, group },
  });
}

function credential(gatewayId: string, consumer: Consumer, consumerId: string, key: Key & { secret: string }): ManagedObject {
  // Kong counts a ttl down, so it cannot be compared; the tag shows when the end was changed.
  const expiry = key.expires_at === undefined ? [] : [expiryPrefix + key.expires_at];
  return managed(gatewayId, {
    kind: 'credential',
    name: key.key_id,
    label: `credential ${key.key_id} of ${consumerName(consumer.name)}`,
    owner: consumer.id,
    moreTags: expiry,
    fields: { key: key.secret, consumer: { id: consumerId } },
  });
}

/**
 * The seconds that a credential may live on in Kong, from its tag; undefined for one without an end. Kong ends it by itself, so that a
 * key does not outlive its term because STOA Connect is down.
 */
export function ttlOf(tags: unknown, nowMs: number): number | undefined {
  const end = endOf(tags);
  if (end === undefined) return undefined;
  const seconds = Math.ceil(end - nowMs / 1000);
  return seconds > maxTtlS ? undefined : Math.max(1, seconds);
}

/** When a credential ends by its tag, in whole seconds since 1970; undefined for one without an end. */
export function endOf(tags: unknown): number | undefined {
  const list: readonly unknown[] = Array.isArray(tags) ? tags : [];
  const tag = list.find((candidate) => typeof candidate === 'string' && candidate.startsWith(expiryPrefix));
  const end = typeof tag === 'string' ? Date.parse(tag.slice(expiryPrefix.length)) : NaN;
  return Number.isNaN(end) ? undefined : Math.ceil(end / 1000);
}
