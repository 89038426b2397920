import type { ApiItem, ConsumerItem, PlanItem, PolicyItem } from '@stoa/generated/schemas.ts';
import { faultOf, policyFault, policySupport, warningOf } from './capabilities.ts';
import type { Capabilities } from './capabilities.ts';
import { claimOperations } from './claims.ts';
import type { ApiClaims } from './claims.ts';
import type { ApiIntent, CallerIntent, DesiredConfig, Finding, Incumbent, Intent, Rejection, Subscribed } from './model.ts';

/** An intent, and what of the configuration is no part of it. */
export type Judged = { readonly intent: Intent; readonly rejections: readonly Rejection[]; readonly warnings: readonly Finding[] };
type Draft = { rejections: Rejection[]; warnings: Finding[] };
type Candidate = Omit<ApiIntent, 'operations'>;

export type Judge = {
  readonly capabilities: Capabilities;
  /** What an API asks of the gateway. */
  readonly claimsOf: (api: ApiItem) => ApiClaims;
  /** Who takes which requests on the gateway now. */
  readonly incumbents: ReadonlyMap<string, Incumbent>;
};

/**
 * Holds a configuration against what the gateway can express. An API whose policy cannot be expressed is withdrawn: it is never served without a policy
 * that is attached to it. Pure, and whatever the order of the items.
 */
export function intend({ gateway_id: gatewayId, items }: DesiredConfig, judge: Judge): Judged {
  const draft: Draft = { rejections: [], warnings: [] };
  const apis = items.filter((item) => item.kind === 'api').sort(byId);
  const policies = items.filter((item) => item.kind === 'policy').sort(byId);
  const unfit = judgePolicies(policies, judge.capabilities, draft);
  const attached = attachments(policies);
  const candidates = apis.flatMap((api) => candidate(api, attached.get(api.api_id) ?? [], unfit, judge.capabilities, draft));
  const unique = withoutNamesakes(candidates, draft);
  const intents = claimOperations(unique, judge, draft);
  warnOfIdlePolicies(policies, apis, draft);
  const callers = callersOf(items, intents, judge.capabilities, draft);
  return { intent: { gatewayId, apis: intents, callers }, ...draft };
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export const rejection = (itemId: string, reason: string, effect: Rejection['effect']): Rejection => ({ itemId, phase: 'render', reason, effect });
const warning = (itemId: string, reason: string): Finding => ({ itemId, phase: 'render', reason });

function judgePolicies(policies: readonly PolicyItem[], capabilities: Capabilities, draft: Draft): ReadonlyMap<PolicyItem, string> {
  const unfit = new Map<PolicyItem, string>();
  for (const policy of policies) {
    const reason = policyFault(capabilities, policy);
    if (reason !== undefined) {
      unfit.set(policy, reason);
      draft.rejections.push(rejection(policy.id, `The policy ${policy.name} ${reason}.`, 'withdraw'));
      continue;
    }
    const support = policySupport(capabilities, policy);
    const remark = support && warningOf(support);
    if (remark !== undefined) draft.warnings.push(warning(policy.id, remark));
  }
  return unfit;
}

function attachments(policies: readonly PolicyItem[]): ReadonlyMap<string, readonly PolicyItem[]> {
  const byApi = new Map<string, PolicyItem[]>();
  for (const policy of policies) {
    for (const id of policy.api_ids) {
      const there = byApi.get(id);
      if (there === undefined) byApi.set(id, [policy]);
      else there.push(policy);
    }
  }
  return byApi;
}

function candidate(
  api: ApiItem,
  attached: readonly PolicyItem[],
  unfit: ReadonlyMap<PolicyItem, string>,
  capabilities: Capabilities,
  draft: Draft,
): Candidate[] {
  const fit = attached.filter((policy) => !unfit.has(policy));
  const contradictions = contradictory(fit, capabilities);
  for (const [policy, fault] of contradictions) {
    draft.rejections.push(rejection(policy.id, `On the API ${api.name}, the policy ${policy.name} ${fault}.`, 'withdraw'));
  }
  const obstacles = [...attached.flatMap((policy) => (unfit.has(policy) ? [[policy, unfit.get(policy)] as const] : [])), ...contradictions];
  for (const [policy, reason] of obstacles) {
    const sentence = `Its policy ${policy.name} ${reason}. An API is not served without a policy that is attached to it.`;
    draft.rejections.push(rejection(api.id, sentence, 'withdraw'));
  }
  // A gateway that cannot have tokens judged rejects the policy itself.
  const isProven = attached.some(({ policy }) => policy.kind === 'api_key_auth' || policy.kind === 'jwt_auth');
  if (api.subscription_required === true && !isProven) {
    const remedy = 'Attach one, or set open_to_all_consumers on the API.';
    const reason = `It needs a subscription, and no policy has the gateway ask who calls: no api_key_auth, and no jwt_auth. ${remedy}`;
    draft.rejections.push(rejection(api.id, reason, 'withdraw'));
    return [];
  }
  if (obstacles.length > 0) return [];
  return [{ api, policies: fit, access: !isProven ? 'anybody' : api.subscription_required === true ? 'subscribers' : 'consumers' }];
}

/** Those policies that the gateway holds one of for an API, and that say something else than the one before them. */
function contradictory(policies: readonly PolicyItem[], { together, title }: Capabilities): (readonly [PolicyItem, string])[] {
  const firsts = new Map<string, PolicyItem>();
  return policies.flatMap((policy) => {
    const { kind } = policy.policy;
    if ((together[kind] ?? 'equal') !== 'equal') return [];
    const first = firsts.get(kind);
    if (first === undefined) firsts.set(kind, policy);
    if (first === undefined || JSON.stringify(first.policy) === JSON.stringify(policy.policy)) return [];
    return [[policy, `contradicts ${first.name}, and ${title} holds one of that kind for an API`] as const];
  });
}

/** Its objects would be those of the namesake. */
function withoutNamesakes(candidates: readonly Candidate[], draft: Draft): Candidate[] {
  const names = new Set<string>();
  return candidates.filter(({ api }) => {
    if (names.has(api.name))
      draft.rejections.push(rejection(api.id, `Another API with the name ${api.name} is deployed to this gateway.`, 'withdraw'));
    return names.size !== names.add(api.name).size;
  });
}

/** A policy whose API was rejected is not in force there, and must not look as if it were. */
function warnOfIdlePolicies(policies: readonly PolicyItem[], apis: readonly ApiItem[], draft: Draft): void {
  const rejected = new Set(draft.rejections.map(({ itemId }) => itemId));
  const names = new Map(apis.flatMap(({ id, api_id, name }) => (rejected.has(id) ? [[api_id, name]] : [])));
  if (names.size === 0) return;
  for (const policy of policies) {
    if (rejected.has(policy.id)) continue;
    const idle = policy.api_ids.flatMap((id) => names.get(id) ?? []);
    if (idle.length > 0) draft.warnings.push(warning(policy.id, `It waits for APIs that were rejected: ${idle.sort().join(', ')}.`));
  }
}

/** Who may call something, as far as the gateway asks for keys. */
function callersOf(items: DesiredConfig['items'], apis: readonly ApiIntent[], capabilities: Capabilities, draft: Draft): CallerIntent[] {
  const closed = new Set(apis.flatMap(({ api, access }) => (access === 'subscribers' ? [api.api_id] : [])));
  const open = apis.flatMap(({ api, access }) => (access === 'consumers' ? [api.api_id] : []));
  const { entitlements, isBarred } = readPlans(items, capabilities, draft);
  const byConsumer = Map.groupBy(entitlements, ({ consumerId }) => consumerId);
  const consumers = items.filter((item): item is ConsumerItem => item.kind === 'consumer').sort(byId);
  return consumers.flatMap((consumer): CallerIntent[] => {
    const { consumer_id: id } = consumer;
    const first = new Map<string, Subscribed>();
    for (const { apiId, itemId, plan } of byConsumer.get(id) ?? []) {
      // By several subscriptions one is let in as by one.
      if (closed.has(apiId) && !isBarred(id, apiId) && !first.has(apiId)) first.set(apiId, { apiId, itemId, plan });
    }
    // One group lets into every API that is open: whom a plan bars from one of them is not in it.
    const alsoOpen = open.length > 0 && !open.some((apiId) => isBarred(id, apiId));
    return alsoOpen || first.size > 0 ? [{ consumer, alsoOpen, subscriptions: [...first.values()] }] : [];
  });
}

/**
 * Who is subscribed to which API, by itself or by a plan, and whom a plan keeps out: where a gateway cannot count for the single subscriber of a plan, nobody
 * is let in without the limits of his plan, whatever else lets him in.
 */
function readPlans(items: DesiredConfig['items'], { callers }: Capabilities, draft: Draft) {
  const unlimited = faultOf(callers.plan_limits, undefined);
  const plans = new Map(items.flatMap((item): [string, PlanItem][] => (item.kind === 'plan' ? [[item.plan_id, item]] : [])));
  const bars = ({ policies }: PlanItem): boolean => unlimited !== undefined && policies.length > 0;
  for (const plan of plans.values()) {
    if (!bars(plan)) continue;
    const limits = plan.policies.map((policy) => policy.name).join(', ');
    const reason = `The plan ${plan.name} limits each of its subscribers (${limits}), which ${unlimited}. Here they are let in to none of its APIs.`;
    draft.rejections.push(rejection(plan.id, reason, 'withdraw'));
  }
  const pairs = items.flatMap((item): { consumerId: string; apiId: string; itemId: string; plan: PlanItem | undefined }[] => {
    if (item.kind === 'subscription') return [{ consumerId: item.consumer_id, apiId: item.api_id, itemId: item.id, plan: undefined }];
    const plan = item.kind === 'plan_subscription' ? plans.get(item.plan_id) : undefined;
    if (item.kind !== 'plan_subscription' || plan === undefined) return [];
    return plan.api_ids.map((apiId) => ({ consumerId: item.consumer_id, apiId, itemId: item.id, plan }));
  });
  pairs.sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
  const barred = new Set(pairs.flatMap(({ consumerId, apiId, plan }) => (plan !== undefined && bars(plan) ? [`${consumerId} ${apiId}`] : [])));
  return { entitlements: pairs, isBarred: (consumerId: string, apiId: string): boolean => barred.has(`${consumerId} ${apiId}`) };
}
