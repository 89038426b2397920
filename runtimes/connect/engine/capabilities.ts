import type { ApiItem, ApiOperation, PolicyItem, PolicySpec } from '@stoa/generated/schemas.ts';

/**
 * How well a gateway expresses something. `never` and the `fault` of `partly` end a sentence that begins with what is judged; a `warning` is a sentence that the
 * acknowledgement repeats.
 */
export type Support<Subject> =
  | { readonly as: 'exactly' }
  | { readonly as: 'warned'; readonly warning: string }
  | { readonly as: 'partly'; readonly says: string; readonly fault: (subject: Subject) => string | undefined; readonly warning?: string }
  | { readonly as: 'never'; readonly reason: string };

export type PolicyKind = PolicySpec['kind'];
export type PolicyOf<K extends PolicyKind> = PolicyItem & { readonly policy: Extract<PolicySpec, { kind: K }> };

/** What makes an operation hard to express. An operation with none of these is a method and a path of literals and whole-segment parameters. */
export type OperationTrait =
  | 'path_parameter'
  | 'parameter_in_segment'
  | 'percent_encoding'
  | 'empty_or_dot_segment'
  | 'fixed_query'
  | 'own_server'
  | 'trace';
export type OperationSubject = { readonly api: ApiItem; readonly operation: ApiOperation };

export type UpstreamTrait =
  | 'https'
  | 'base_path'
  | 'header_credential'
  | 'made_credential'
  | 'other_credential'
  | 'other_scheme'
  | 'password'
  | 'query';

/** Where an API is exposed: below a path of its own that is taken off before the upstream, or sent to it; at one host alone. */
export type ExposureTrait = 'prefix_stripped' | 'prefix_kept' | 'public_host';

export type CallerTrait = 'open_to_all_consumers' | 'subscriptions' | 'plans' | 'plan_limits' | 'key_expiry';

/** What a vendor can express: the one source of rejections before deployment, of docs/adapters.md and of the Console's matrix. Closed, so that a new kind does not compile undecided. */
export type Capabilities = {
  /** The product and its version, as an operator calls it. */
  readonly title: string;
  /** What these were proven against. */
  readonly proven: string;
  readonly policies: { readonly [K in PolicyKind]: Support<PolicyOf<K>> };
  /** How several policies of one kind on an API go together: as one that is the strictest, only if they say the same, or each by itself. */
  readonly together: { readonly [K in PolicyKind]?: 'strictest' | 'equal' | 'each' };
  readonly operations: Readonly<Record<OperationTrait, Support<OperationSubject>>>;
  readonly upstreams: Readonly<Record<UpstreamTrait, Support<ApiItem>>>;
  readonly exposures: Readonly<Record<ExposureTrait, Support<ApiItem>>>;
  readonly callers: Readonly<Record<CallerTrait, Support<undefined>>>;
  /** Whether a Link that the gateway asks counts calls. */
  readonly countsByLink?: boolean;
  /** How long traffic may follow what the admin API has confirmed; 0 where confirmed means served. */
  readonly delay: { readonly seconds: number; readonly says: string };
  /** What an operator should know besides, a sentence each. */
  readonly notes: readonly string[];
};

/** Why something cannot be expressed; undefined when it can. */
export function faultOf<Subject>(support: Support<Subject>, subject: Subject): string | undefined {
  if (support.as === 'never') return support.reason;
  return support.as === 'partly' ? support.fault(subject) : undefined;
}

export function warningOf(support: Support<never>): string | undefined {
  return 'warning' in support ? support.warning : undefined;
}

/** Why a gateway cannot express a policy, as the end of a sentence that begins with it; undefined when it can. */
export function policyFault(capabilities: Capabilities, item: PolicyItem): string | undefined {
  const support = policySupport(capabilities, item);
  // A newer Control Plane may send what this version does not know; the types say it cannot.
  if (support === undefined) return `is of a kind that this version does not know (${item.policy.kind})`;
  if (support.as === 'never') return `is of the kind ${item.policy.kind}: ${support.reason}`;
  return limitFault(capabilities, item.policy) ?? faultOf(support, item);
}

/** What gateways count by is calls of one consumer in windows; everything else is Gateway's and Link's. */
function limitFault({ countsByLink }: Capabilities, policy: PolicySpec): string | undefined {
  if (policy.kind !== 'rate_limit' && policy.kind !== 'quota') return undefined;
  if (policy.kind === 'quota' && policy.config.unit === 'bytes')
    return 'counts bytes, which a Gateway or a Link does where it makes the calls, and nobody else';
  if (countsByLink === true) return undefined;
  const { limit_by: limitBy = 'consumer' } = policy.config;
  if (limitBy !== 'consumer') return `counts by ${limitBy}, which Gateway and Link do alone`;
  const { algorithm = 'fixed_window' } = policy.kind === 'rate_limit' ? policy.config : {};
  return algorithm === 'fixed_window' ? undefined : `counts by the algorithm ${algorithm}, which Gateway and Link do alone`;
}

/** The kinds that a gateway enforces in no case, and why: told at registration, so that whoever attaches such a policy is warned. */
export const neverEnforced = ({ policies }: Capabilities): { kind: string; reason: string }[] =>
  Object.entries(policies).flatMap(([kind, support]) => (support.as === 'never' ? [{ kind, reason: support.reason }] : []));

export function policySupport(capabilities: Capabilities, { policy }: PolicyItem): Support<PolicyItem> | undefined {
  // The support of a kind judges policies of that kind alone, and this is one.
  return Object.hasOwn(capabilities.policies, policy.kind) ? (capabilities.policies[policy.kind] as Support<PolicyItem>) : undefined;
}
