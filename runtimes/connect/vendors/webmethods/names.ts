import { objectId } from '../../engine/object-id.ts';

export const apiName = (name: string): string => `stoa-${name}`;
export const apiObject = (gatewayId: string, name: string): string => objectId(gatewayId, 'api', apiName(name));
export const partObject = (gatewayId: string, kind: 'alias' | 'policy' | 'activation', api: string): string => objectId(gatewayId, kind, api);

const plain = (id: string): string => id.replaceAll('-', '');
/** An alias is known by its name. It stands in `${…}` of a routing action. */
export const aliasName = (gatewayId: string, api: string): string => `stoa_${plain(gatewayId)}_${plain(api)}`;
export const isOurAlias = (name: string, gatewayId: string): boolean => name.startsWith(`stoa_${plain(gatewayId)}_`);

/** So is an action. */
export const actionName = (gatewayId: string, api: string, part: string): string => `stoa:${gatewayId}:${api}:${part}`;
export const isOurAction = (name: string, gatewayId: string): boolean => name.startsWith(`stoa:${gatewayId}:`);

const managed = 'stoa-managed';
const parts = { gateway: 'stoa-gateway:', object: 'stoa-object:', item: 'stoa-item:' } as const;
/** Tags of an API, which say whose it is. */
export const tagsOf = (gatewayId: string, object: string, item: string): string[] => [
  managed,
  parts.gateway + gatewayId,
  parts.object + object,
  parts.item + item,
];
export const isTag = (text: string): boolean => text === managed || Object.values(parts).some((prefix) => text.startsWith(prefix));

export function markIn(tags: readonly string[], gatewayId: string): { object: string; item: string } | undefined {
  const read = (prefix: string): string => tags.find((tag) => tag.startsWith(prefix))?.slice(prefix.length) ?? '';
  return tags.includes(managed) && read(parts.gateway) === gatewayId ? { object: read(parts.object), item: read(parts.item) } : undefined;
}
