import { createHash } from 'node:crypto';
import type { KongKind } from './entities.ts';

const namespace = Buffer.from('5f2b1c0a9d3e4f6088a17c2e9b4d6a31', 'hex');

/** A UUID of version 5 (RFC 9562 §5.5) in our own namespace. */
export function uuid5(name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * The id of an object of ours. It follows from the object's name and not from the item's id: an API that was deleted and defined
 * again takes its objects over, where a new id would meet the old object's unique name.
 */
export function objectId(gatewayId: string, kind: KongKind, name: string): string {
  return uuid5(`${gatewayId}/${kind}/${name}`);
}

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
export const gatewayTag = (gatewayId: string): string => `stoa-gateway:${gatewayId}`;

const itemTagPrefix = 'stoa-item:';
/** Kong allows neither comma nor slash in a tag. */
export const itemTag = (itemId: string): string => itemTagPrefix + itemId.split(':').map(encodeURIComponent).join(':');

/** The group of all consumers that may call the APIs of a gateway. */
export const consumerGroup = gatewayTag;

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
