import type { ConfigItem, ItemAck } from '@stoa/generated/schemas.ts';
import {
  validateApiItem,
  validateApiKeyAuthPolicy,
  validateConsumerItem,
  validateCorsPolicy,
  validateHeadersPolicy,
  validateIpRestrictionPolicy,
  validateJwtAuthPolicy,
  validatePolicyItem,
  validateQuotaPolicy,
  validateRateLimitPolicy,
  validateRequestSizeLimitPolicy,
  validateSubscriptionItem,
  validateToolAccessPolicy,
} from '@stoa/generated/validators.js';
import type { Validator } from '@stoa/generated/validators.js';

/** `rejected` has one entry for each item that `understood` does not have. */
export type ReadItems = { readonly understood: ConfigItem[]; readonly rejected: ItemAck[] };

const itemValidators: { readonly [Kind in ConfigItem['kind']]: Validator<Extract<ConfigItem, { kind: Kind }>> } = {
  api: validateApiItem,
  policy: validatePolicyItem,
  consumer: validateConsumerItem,
  subscription: validateSubscriptionItem,
};

type PolicyKind = Extract<ConfigItem, { kind: 'policy' }>['policy']['kind'];
/** Asked for the fault alone: of a choice between kinds the validator tells the faults of all. */
const policyValidators: { readonly [Kind in PolicyKind]: Validator<unknown> } = {
  rate_limit: validateRateLimitPolicy,
  quota: validateQuotaPolicy,
  cors: validateCorsPolicy,
  ip_restriction: validateIpRestrictionPolicy,
  jwt_auth: validateJwtAuthPolicy,
  api_key_auth: validateApiKeyAuthPolicy,
  request_size_limit: validateRequestSizeLimitPolicy,
  headers: validateHeadersPolicy,
  tool_access: validateToolAccessPolicy,
};

/**
 * Reads the items of a genuine document one by one, as a newer Control Plane may send what this version does not know: what is not
 * understood is rejected alone, so that a key that was revoked in the same generation is. An API is never served without a policy that
 * is attached to it, so each API that such an item names is rejected with it. What is rejected is absent, and what is absent is not served.
 */
export function readItems(items: readonly unknown[]): ReadItems {
  const faults = new Map<number, string>(items.flatMap((item, index) => withFault(index, faultOf(item))));
  const guards = guardsOf(items.filter((_, index) => faults.has(index)).map(fieldsOf));
  items.forEach((item, index) => {
    const { kind, api_id: apiId } = fieldsOf(item);
    const guard = kind === 'api' && !faults.has(index) ? (guards.byApi.get(apiId) ?? guards.everywhere) : undefined;
    if (guard !== undefined) faults.set(index, `Not served, because ${nameOf(guard)}, which applies to it, is not understood.`);
  });
  return {
    understood: items.filter((_, index) => !faults.has(index)) as ConfigItem[],
    rejected: [...faults]
      .sort(([left], [right]) => left - right)
      .map(([index, reason]) => ({ id: idOf(items[index], index), state: 'rejected', phase: 'validate', reason })),
  };
}

const withFault = (index: number, fault: string | undefined): [number, string][] => (fault === undefined ? [] : [[index, fault]]);

/** Why an item is not understood. */
function faultOf(item: unknown): string | undefined {
  const { kind, policy } = fieldsOf(item);
  if (!isKind(kind)) return `This runtime does not know items of kind ${shown(kind)}: it needs an update.`;
  const validate: Validator<unknown> = itemValidators[kind];
  if (validate(item)) return undefined;
  const outside = (validate.errors ?? []).filter(({ instancePath }) => kind !== 'policy' || !/^\/policy(\/|$)/.test(instancePath));
  return outside.length > 0 ? sentence('', outside) : policyFault(policy);
}

function policyFault(policy: unknown): string {
  const { kind } = fieldsOf(policy);
  if (typeof kind !== 'string' || !Object.hasOwn(policyValidators, kind))
    return `This runtime does not know policies of kind ${shown(kind)}: it needs an update.`;
  const validate = policyValidators[kind as PolicyKind];
  return validate(policy) ? sentence('/policy', []) : sentence('/policy', validate.errors ?? []);
}

function sentence(at: string, [error]: NonNullable<Validator<unknown>['errors']>): string {
  const name = (error?.params as { additionalProperty?: unknown } | undefined)?.additionalProperty;
  const message = name === undefined ? (error?.message ?? 'is invalid') : `has the field ${shown(name)}, which this runtime does not know`;
  return `It is not understood: ${at}${error?.instancePath ?? ''} ${message}. This runtime may need an update.`;
}

/** What guards an API, of the items that are not understood. A policy that does not say where it applies may apply everywhere. */
function guardsOf(unread: readonly Fields[]): { byApi: ReadonlyMap<unknown, Fields>; everywhere: Fields | undefined } {
  const guards = unread.filter(({ kind }) => kind === 'policy' || !isKind(kind));
  const isVague = ({ kind, api_ids: ids }: Fields): boolean =>
    kind === 'policy' && !(Array.isArray(ids) && ids.every((id) => typeof id === 'string'));
  const named = guards.flatMap((guard) => (Array.isArray(guard['api_ids']) ? guard['api_ids'] : []).map((id): [unknown, Fields] => [id, guard]));
  return { byApi: new Map(named), everywhere: guards.find(isVague) };
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const isKind = (kind: unknown): kind is ConfigItem['kind'] => typeof kind === 'string' && Object.hasOwn(itemValidators, kind);

const nameOf = ({ kind, name }: Fields): string =>
  `${kind === 'policy' ? 'the policy' : `the item of kind ${shown(kind)}`}${typeof name === 'string' ? ` ${name.slice(0, 128)}` : ''}`;

/** What stands in for the id of an item that has none is its place, so that somebody can find it. */
function idOf(item: unknown, index: number): string {
  const { id } = fieldsOf(item);
  return typeof id === 'string' && id.length > 0 && id.length <= 128 ? id : `items/${index}`;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'none').slice(0, 128);
