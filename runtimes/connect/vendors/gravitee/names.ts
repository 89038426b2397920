import { objectId } from '../../engine/object-id.ts';

export const apiName = (name: string): string => `stoa-${name}`;
export const applicationName = (consumer: string): string => `stoa-${consumer}`;

/** Flows of ours by their names; those of others are left. */
const flowPrefix = 'stoa:';
export const flowName = (text: string): string => `${flowPrefix}${text}`;
export const isOurFlow = (flow: Readonly<Record<string, unknown>>): boolean =>
  typeof flow['name'] === 'string' && flow['name'].startsWith(flowPrefix);

/** What marks an object as ours: labels of an API, characteristics of a plan, the description of an application. The gateway tells two Connects apart. */
export type Mark = { readonly gatewayId: string; readonly object: string; readonly item: string };

const managed = 'stoa-managed';
const parts = { gatewayId: 'stoa-gateway:', object: 'stoa-object:', item: 'stoa-item:' } as const;

export const marksOf = (mark: Mark): string[] => [managed, ...Object.entries(parts).map(([name, prefix]) => prefix + mark[name as keyof Mark])];
export const isMark = (text: string): boolean => text === managed || Object.values(parts).some((prefix) => text.startsWith(prefix));

/** @returns undefined when it is not one of this gateway. */
export function markIn(texts: readonly string[], gatewayId: string): Mark | undefined {
  const read = (prefix: string): string | undefined => texts.find((text) => text.startsWith(prefix))?.slice(prefix.length);
  const [gateway, object, item] = [read(parts.gatewayId), read(parts.object), read(parts.item)];
  if (!texts.includes(managed) || gateway !== gatewayId || object === undefined) return undefined;
  return { gatewayId, object, item: item ?? '' };
}

/** An application has no labels: its description says whose it is. */
export const descriptionOf = (mark: Mark): string => `Made by STOA Connect; do not edit. ${marksOf(mark).join(' ')}`;

export const apiObject = (gatewayId: string, name: string): string => objectId(gatewayId, 'api', apiName(name));
/** The security of a plan cannot be changed: another security is another plan. */
export const planObject = (gatewayId: string, api: string, security: Security): string => objectId(gatewayId, 'plan', `${api}/${security}`);
export const deploymentObject = (gatewayId: string, api: string): string => objectId(gatewayId, 'deployment', api);
export const applicationObject = (gatewayId: string, keyId: string): string => objectId(gatewayId, 'application', keyId);
/** A subscription is known by its two ends. */
export const subscriptionObject = (gatewayId: string, application: string, api: string): string =>
  objectId(gatewayId, 'subscription', `${application}/${api}`);

export type Security = 'KEY_LESS' | 'API_KEY';
