import type { DesiredItem, PolicyItem } from '@stoa/generated/schemas.ts';
import {
  validateApiItem,
  validateApiKeyAuthPolicy,
  validateApiOperation,
  validateCircuitBreakerPolicy,
  validateConcurrencyLimitPolicy,
  validateApprovalPolicy,
  validateConsumerItem,
  validateConsumerKeyItem,
  validateCorsPolicy,
  validateGuardrailsPolicy,
  validateHeadersPolicy,
  validateIpRestrictionPolicy,
  validateJwtAuthPolicy,
  validateMcpServerItem,
  validateMcpServerSubscriptionItem,
  validatePlanItem,
  validatePlanSubscriptionItem,
  validatePolicyItem,
  validateQuotaPolicy,
  validateRateLimitPolicy,
  validateRequestSizeLimitPolicy,
  validateRetryPolicy,
  validateSubscriptionItem,
  validateTimeWindowPolicy,
  validateToolAccessPolicy,
  validateToolSetItem,
  validateToolSetSubscriptionItem,
  validateTrustedIssuerItem,
} from '@stoa/generated/validators.js';
import type { Validator } from '@stoa/generated/validators.js';
import type { Breath } from '@stoa/lib/slices.ts';

const itemValidators: { readonly [Kind in DesiredItem['kind']]: Validator<Extract<DesiredItem, { kind: Kind }>> } = {
  api: validateApiItem,
  policy: validatePolicyItem,
  consumer: validateConsumerItem,
  consumer_key: validateConsumerKeyItem,
  subscription: validateSubscriptionItem,
  plan: validatePlanItem,
  plan_subscription: validatePlanSubscriptionItem,
  trusted_issuer: validateTrustedIssuerItem,
  mcp_server: validateMcpServerItem,
  mcp_server_subscription: validateMcpServerSubscriptionItem,
  tool_set: validateToolSetItem,
  tool_set_subscription: validateToolSetSubscriptionItem,
};

type PolicyKind = PolicyItem['policy']['kind'];
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
  time_window: validateTimeWindowPolicy,
  guardrails: validateGuardrailsPolicy,
  circuit_breaker: validateCircuitBreakerPolicy,
  concurrency_limit: validateConcurrencyLimitPolicy,
  retry: validateRetryPolicy,
  approval: validateApprovalPolicy,
};

/**
 * Why an item of a genuine document is not understood; undefined when it is. A newer Control Plane may send what this version does not know:
 * what is not understood is rejected alone, so that a key that was revoked in the same generation is.
 */
export function faultOf(item: unknown): string | undefined {
  const { kind, policy } = fieldsOf(item);
  if (!isKind(kind)) return `This runtime does not know items of kind ${shown(kind)}: it needs an update.`;
  const validate: Validator<unknown> = itemValidators[kind];
  if (validate(item)) return undefined;
  const outside = (validate.errors ?? []).filter(({ instancePath }) => kind !== 'policy' || !/^\/policy(\/|$)/.test(instancePath));
  return outside.length > 0 ? sentence('', outside) : policyFault(policy);
}

/** The same for an item of this many bytes, of which a large API is judged operation by operation. */
export async function faultOfLarge(item: unknown, bytes: number, breath: Breath): Promise<string | undefined> {
  const { kind, operations } = fieldsOf(item);
  if (bytes <= atOnceBytes || kind !== 'api' || !Array.isArray(operations) || operations.length > maxOperations) return faultOf(item);
  const fault = faultOf({ ...(item as object), operations: [] });
  if (fault !== undefined) return fault;
  for (const [index, operation] of operations.entries()) {
    if (!validateApiOperation(operation)) return sentence(`/operations/${index}`, validateApiOperation.errors ?? []);
    if (breath.isDue()) await breath.take();
  }
  return undefined;
}

/** What is not larger is judged in one go. */
const atOnceBytes = 64 * 1024;
/** What the contract allows; beyond it the validator says the fault. */
const maxOperations = 10_000;

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

type Fields = Readonly<Record<string, unknown>>;
export const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

export const isKind = (kind: unknown): kind is DesiredItem['kind'] => typeof kind === 'string' && Object.hasOwn(itemValidators, kind);

export const shown = (value: unknown): string => (JSON.stringify(value) ?? 'none').slice(0, 128);
