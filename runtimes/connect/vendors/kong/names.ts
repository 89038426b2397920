import { createHash } from 'node:crypto';
import { referenceOf } from './entities.ts';
import type { KongEntity } from './entities.ts';

export const serviceName = (apiName: string): string => `stoa-${apiName}`;
export const consumerName = (name: string): string => `stoa-${name}`;

/**
 * A route's name in Kong's character set (letters, digits, `. - _ ~`). A dot parts API and operation, because a slug has none: so
 * no two APIs share a name. An operationId that had to be changed carries a digest, so that no two operations do.
 */
export function routeName(apiName: string, operationId: string): string {
  const slug = operationId
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
  const unique = slug === operationId ? slug : `${slug}-${createHash('sha256').update(operationId).digest('hex').slice(0, 8)}`;
  return `${serviceName(apiName)}.${unique}`;
}

/** Marks every object of ours. The gateway's tag tells two Connects on one Kong apart. */
export const managedTag = 'stoa-managed';
/** Marks what was there before us: every field of it is kept as it was. */
export const adoptedTag = 'stoa-adopted';
export const gatewayTag = (gatewayId: string): string => `stoa-gateway:${gatewayId}`;

const itemTagPrefix = 'stoa-item:';
/** Kong allows neither comma nor slash in a tag. */
export const itemTag = (itemId: string): string =>
  itemTagPrefix + (/^[a-z0-9:_-]*$/i.test(itemId) ? itemId : itemId.split(':').map(encodeURIComponent).join(':'));

/** The group of all consumers of a gateway: they may call its APIs that are open to all. */
export const consumerGroup = gatewayTag;
/** The group of the consumers that are subscribed to an API. By the API's id: another API of the same name is another group. */
export const subscriberGroup = (gatewayId: string, apiId: string): string => `${gatewayTag(gatewayId)}:${apiId}`;

export function tagsOf(gatewayId: string, itemIds: readonly string[]): string[] {
  return [managedTag, gatewayTag(gatewayId), ...itemIds.map(itemTag)];
}

/** The item an object was made for, by its tags; the first is the owner. */
export function itemOf(tags: readonly string[]): string | undefined {
  const tag = tags.find((candidate) => candidate.startsWith(itemTagPrefix));
  if (tag === undefined) return undefined;
  try {
    return decodeURIComponent(tag.slice(itemTagPrefix.length));
  } catch {
    // A tag that somebody else wrote.
    return undefined;
  }
}

export const isOurs = (tags: readonly string[], gatewayId: string): boolean => tags.includes(managedTag) && tags.includes(gatewayTag(gatewayId));

/** Whether a membership or a key has to do with us: it is ours, of our consumer, or of one of our groups. */
export function concerns(gatewayId: string, consumers: ReadonlySet<string>, entity: KongEntity): boolean {
  const group = entity['group'];
  const isOurGroup = typeof group === 'string' && (group === gatewayTag(gatewayId) || group.startsWith(`${gatewayTag(gatewayId)}:`));
  return isOurs(entity.tags, gatewayId) || isOurGroup || consumers.has(referenceOf(entity, 'consumer') ?? '');
}
