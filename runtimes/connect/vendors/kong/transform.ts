import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import type { Finding, ItemsOf, ManagedObject, Rejection, Rendered } from '../../engine/model.ts';
import { serviceName } from './names.ts';
import { preflightRoute, renderApi } from './render-api.ts';
import type { RenderedRoute } from './render-api.ts';
import { renderConsumer, renderMembership, renderSubscription } from './render-consumer.ts';
import { inexpressible, renderPlugins } from './render-plugins.ts';

type Api = ItemsOf<'api'>;
type Policy = ItemsOf<'policy'>;
type Draft = { objects: ManagedObject[]; rejections: Rejection[]; warnings: Finding[]; claims: Map<string, Api> };

/**
 * Renders a configuration as Kong objects. Pure: the same configuration at the same time gives the same objects.
 * An API whose policy cannot be expressed is withdrawn: it is never served without a policy that is attached to it.
 */
export function transform(config: Pick<GatewayConfig, 'gateway_id' | 'items'>, nowMs: number): Rendered {
  const apis = config.items.filter((item) => item.kind === 'api').sort((a, b) => (a.id < b.id ? -1 : 1));
  const policies = config.items.filter((item) => item.kind === 'policy');
  const draft: Draft = { objects: [], rejections: [], warnings: [], claims: new Map() };
  const unfit = new Map<Policy, string>();
  for (const policy of policies) {
    const reason = inexpressible(policy);
    if (reason === undefined) continue;
    unfit.set(policy, reason);
    draft.rejections.push(rejection(policy.id, `The policy ${policy.name} ${reason}.`, 'withdraw'));
  }
  for (const api of apis) renderOneApi(config.gateway_id, api, policies, unfit, draft);
  warnOfIdlePolicies(policies, apis, draft);
  renderCallers(config, guardedApis(apis, draft), nowMs, draft);
  return draft;
}

function renderOneApi(gatewayId: string, api: Api, policies: readonly Policy[], unfit: ReadonlyMap<Policy, string>, draft: Draft): void {
  const attached = policies.filter((policy) => policy.api_ids.includes(api.api_id));
  const obstacles = attached.filter((policy) => unfit.has(policy));
  const { plugins, faults } = renderPlugins(
    gatewayId,
    api,
    attached.filter((policy) => !unfit.has(policy)),
  );
  for (const [policy, fault] of faults) {
    draft.rejections.push(rejection(policy.id, `On the API ${api.name}, the policy ${policy.name} ${fault}.`, 'withdraw'));
  }
  for (const [policy, reason] of [...obstacles.map((policy) => [policy, unfit.get(policy)] as const), ...faults]) {
    const sentence = `Its policy ${policy.name} ${reason}. An API is not served without a policy that is attached to it.`;
    draft.rejections.push(rejection(api.id, sentence, 'withdraw'));
  }
  if (api.subscription_required === true && !attached.some(({ policy }) => policy.kind === 'api_key_auth')) {
    const remedy = 'Attach one, or set open_to_all_consumers on the API.';
    draft.rejections.push(rejection(api.id, `It needs a subscription, and no api_key_auth policy has Kong ask for a key. ${remedy}`, 'withdraw'));
    return;
  }
  if (obstacles.length > 0 || faults.size > 0) return;

  const namesake = draft.claims.get(serviceName(api.name));
  if (namesake !== undefined) {
    // Its objects would be those of the namesake.
    draft.rejections.push(rejection(api.id, `Another API with the name ${api.name} is deployed to this gateway.`, 'withdraw'));
    return;
  }
  draft.claims.set(serviceName(api.name), api);
  const rendered = renderApi(gatewayId, api);
  // The plugins of an API that stays as it was still have to follow its policies.
  draft.objects.push(...plugins);
  if ('fault' in rendered) {
    draft.rejections.push(rejection(api.id, rendered.fault, 'hold'));
    return;
  }
  const hasCors = plugins.some(({ fields }) => fields['name'] === 'cors');
  const preflight = hasCors ? preflightRoute(gatewayId, api, rendered) : undefined;
  const routes = preflight === undefined ? rendered.routes : [...rendered.routes, preflight];
  const conflict = findConflict(routes, draft.claims);
  if (conflict !== undefined) {
    draft.rejections.push(rejection(api.id, conflict, 'hold'));
    return;
  }
  for (const { claim } of routes) draft.claims.set(claim, api);
  draft.warnings.push(...rendered.warnings.map((reason): Finding => ({ itemId: api.id, phase: 'render', reason })));
  draft.objects.push(rendered.service, ...routes.map(({ object }) => object));
}

/** Two APIs may not take the same requests, for Kong would send them to whichever route is older. The first by item id keeps them. */
function findConflict(routes: readonly RenderedRoute[], claims: ReadonlyMap<string, Api>): string | undefined {
  const taken = routes.find(({ claim }) => claims.has(claim));
  return taken && `${taken.claim} is taken by the API ${claims.get(taken.claim)?.name}; an upstream path of its own would part them.`;
}

/** A policy whose API was rejected is not in force there, and must not look as if it were. */
function warnOfIdlePolicies(policies: readonly Policy[], apis: readonly Api[], draft: Draft): void {
  const rejected = new Set(draft.rejections.map(({ itemId }) => itemId));
  for (const policy of policies) {
    if (rejected.has(policy.id)) continue;
    const idle = apis.filter((api) => policy.api_ids.includes(api.api_id) && rejected.has(api.id));
    if (idle.length === 0) continue;
    const names = idle.map(({ name }) => name).join(', ');
    draft.warnings.push({ itemId: policy.id, phase: 'render', reason: `It waits for APIs that were rejected: ${names}.` });
  }
}

/** The APIs whose callers Kong asks for a key. */
function guardedApis(apis: readonly Api[], { objects }: Draft): Api[] {
  const asking = new Set(objects.flatMap(({ kind, owner, fields }) => (kind === 'plugin' && fields['name'] === 'key-auth' ? [owner] : [])));
  return apis.filter(({ id }) => asking.has(id));
}

/** Consumers, their keys and their groups, as far as something asks for them: Kong keeps keys in clear. */
function renderCallers(config: Pick<GatewayConfig, 'gateway_id' | 'items'>, guarded: readonly Api[], nowMs: number, draft: Draft): void {
  const consumers = config.items.filter((item) => item.kind === 'consumer');
  const byId = new Map(consumers.map((consumer) => [consumer.consumer_id, consumer]));
  const closed = new Set(guarded.filter((api) => api.subscription_required === true).map(({ api_id }) => api_id));
  const open = guarded.filter(({ api_id: id }) => !closed.has(id));
  const { entitlements, isBarred } = readPlans(config.items, draft);
  // One group lets into every API that is open: whom a plan bars from one of them is not in it.
  const welcome = open.length === 0 ? [] : consumers.filter(({ consumer_id: id }) => !open.some((api) => isBarred(id, api.api_id)));
  const memberships = new Map(welcome.map((consumer) => renderMembership(config.gateway_id, consumer)).map((object) => [object.id, object]));
  const callers = new Set(welcome);
  for (const entitlement of entitlements) {
    const { consumer_id: consumerId, api_id: apiId } = entitlement;
    const consumer = closed.has(apiId) && !isBarred(consumerId, apiId) ? byId.get(consumerId) : undefined;
    if (consumer === undefined) continue;
    callers.add(consumer);
    const object = renderSubscription(config.gateway_id, entitlement, consumer);
    // By several subscriptions one is let in as by one.
    if (!memberships.has(object.id)) memberships.set(object.id, object);
  }
  for (const consumer of callers) {
    const { objects, warnings } = renderConsumer(config.gateway_id, consumer, nowMs);
    draft.objects.push(...objects);
    draft.warnings.push(...warnings.map((reason): Finding => ({ itemId: consumer.id, phase: 'render', reason })));
  }
  draft.objects.push(...memberships.values());
}

/**
 * Who is subscribed to which API, by itself or by a plan, and whom a plan keeps out: Kong counts for an API, whoever calls it through whatever plan, and this
 * adapter configures no limit of a single consumer. Nobody is let in without the limits of his plan, whatever else lets him in.
 */
function readPlans(items: GatewayConfig['items'], draft: Draft) {
  const plans = new Map(items.flatMap((item) => (item.kind === 'plan' ? [[item.plan_id, item]] : [])));
  for (const { id, name, policies } of plans.values()) {
    if (policies.length === 0) continue;
    const limits = policies.map((policy) => policy.name).join(', ');
    const reason = `The plan ${name} limits each of its subscribers (${limits}), which the Kong adapter does not configure. Here they are let in to none of its APIs.`;
    draft.rejections.push(rejection(id, reason, 'withdraw'));
  }
  const pairs = items.flatMap((item) => {
    if (item.kind === 'subscription') return [{ ...item, isBarred: false }];
    const plan = item.kind === 'plan_subscription' ? plans.get(item.plan_id) : undefined;
    if (item.kind !== 'plan_subscription' || plan === undefined) return [];
    return plan.api_ids.map((api_id) => ({ id: item.id, consumer_id: item.consumer_id, api_id, isBarred: plan.policies.length > 0 }));
  });
  const barred = new Set(pairs.flatMap((pair) => (pair.isBarred ? [`${pair.consumer_id} ${pair.api_id}`] : [])));
  return { entitlements: pairs, isBarred: (consumerId: string, apiId: string): boolean => barred.has(`${consumerId} ${apiId}`) };
}

const rejection = (itemId: string, reason: string, effect: Rejection['effect']): Rejection => ({ itemId, phase: 'render', reason, effect });
