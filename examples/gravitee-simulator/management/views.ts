import { admin, instant } from '../state.ts';
import type { Api, ApiKey, Application, Definition, Flow, Json, Plan, State, Subscription } from '../state.ts';

/** What the Management API answers with. */

const owner = { id: admin, displayName: 'admin', type: 'USER' };
export const withoutUndefined = (object: Json): Json => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

export type ApiView = { readonly base: string; readonly owner?: boolean; readonly deployment?: boolean; readonly listed?: boolean };

export function apiView(api: Api, { base, owner: withOwner = true, deployment = true, listed = false }: ApiView): Json {
  const { draft } = api;
  const origin = api.origin === 'KUBERNETES' ? { origin: 'KUBERNETES', mode: 'FULLY_MANAGED', syncFrom: 'KUBERNETES' } : { origin: 'MANAGEMENT' };
  const picture = (name: string): string => `${base}/management/v2/environments/DEFAULT/apis/${api.id}/${name}?hash=${api.updatedAt}`;
  return withoutUndefined({
    definitionVersion: 'V4',
    type: 'PROXY',
    ...draft,
    flows: listed ? api.sentFlows : draft.flows,
    id: api.id,
    name: api.name,
    description: api.description,
    crossId: api.crossId,
    apiVersion: api.apiVersion,
    deployedAt: api.deployedAt === undefined ? undefined : instant(api.deployedAt),
    createdAt: instant(api.createdAt),
    updatedAt: instant(api.updatedAt),
    disableMembershipNotifications: api.disableMembershipNotifications,
    groups: api.groups,
    state: api.state,
    deploymentState: deployment ? deploymentState(api) : undefined,
    visibility: api.visibility,
    labels: api.labels,
    lifecycleState: api.lifecycleState,
    primaryOwner: withOwner ? owner : undefined,
    categories: api.categories,
    originContext: origin,
    definitionContext: { mode: 'FULLY_MANAGED', syncFrom: origin.origin, origin: origin.origin },
    _links: { pictureUrl: picture('picture'), backgroundUrl: picture('background') },
  });
}

/** It compares the draft with what was published last. What the gateway serves after a stop and a start, it does not say. */
function deploymentState(api: Api): string {
  const last = api.events.at(-1);
  if (api.origin === 'KUBERNETES') return 'DEPLOYED';
  if (last === undefined) return 'NEED_REDEPLOY';
  const stale = api.plans.some(({ status, changedAt }) => status !== 'STAGING' && changedAt > (api.deployedAt ?? 0));
  return stale || last.definition !== JSON.stringify(api.draft) ? 'NEED_REDEPLOY' : 'DEPLOYED';
}

export const planView = (api: Pick<Api, 'id'>, plan: Plan): Json =>
  withoutUndefined({
    definitionVersion: 'V4',
    flows: plan.flows,
    id: plan.id,
    name: plan.name,
    description: plan.description,
    apiId: api.id,
    security: plan.security,
    mode: 'STANDARD',
    characteristics: plan.characteristics,
    closedAt: plan.closedAt === undefined ? undefined : instant(plan.closedAt),
    commentRequired: false,
    createdAt: instant(plan.createdAt),
    crossId: plan.crossId,
    excludedGroups: [],
    order: plan.order,
    publishedAt: plan.publishedAt === undefined ? undefined : instant(plan.publishedAt),
    status: plan.status,
    tags: [],
    type: 'API',
    updatedAt: instant(plan.updatedAt),
    validation: plan.validation,
  });

export const subscriptionView = (api: Pick<Api, 'id'>, subscription: Subscription): Json =>
  withoutUndefined({
    id: subscription.id,
    api: { id: api.id },
    plan: { id: subscription.planId },
    application: { id: subscription.applicationId },
    metadata: subscription.metadata,
    status: subscription.status,
    consumerStatus: 'STARTED',
    processedBy: { id: admin },
    subscribedBy: { id: admin },
    processedAt: instant(subscription.processedAt),
    startingAt: subscription.startingAt === undefined ? undefined : instant(subscription.startingAt),
    endingAt: subscription.endingAt,
    createdAt: instant(subscription.createdAt),
    updatedAt: instant(subscription.updatedAt),
    origin: 'MANAGEMENT',
  });

export function keyView({ applications, now }: State, subscription: Subscription, key: ApiKey, withApplication = true): Json {
  const application = applications.get(subscription.applicationId);
  return withoutUndefined({
    id: key.id,
    key: key.key,
    application:
      withApplication && application
        ? {
            id: application.id,
            name: application.name,
            description: application.description,
            type: 'SIMPLE',
            primaryOwner: owner,
            apiKeyMode: 'UNSPECIFIED',
          }
        : undefined,
    subscriptions: [{ id: subscription.id }],
    revoked: key.revoked,
    paused: false,
    expired: key.expireAt !== undefined && key.expireAt <= now(),
    expireAt: key.expireAt === undefined ? undefined : instant(key.expireAt),
    createdAt: instant(key.createdAt),
    updatedAt: instant(key.updatedAt),
    revokedAt: key.revokedAt === undefined ? undefined : instant(key.revokedAt),
  });
}

/** Version 1 of the Management API: names with underscores and times as numbers. */
export function applicationView(application: Application, picture?: string): Json {
  const isActive = application.status === 'ACTIVE';
  return withoutUndefined({
    id: application.id,
    name: application.name,
    description: application.description,
    environmentId: picture === undefined ? 'DEFAULT' : undefined,
    groups: [],
    status: application.status,
    type: 'SIMPLE',
    origin: 'MANAGEMENT',
    created_at: application.createdAt,
    updated_at: application.updatedAt,
    disable_membership_notifications: false,
    api_key_mode: 'UNSPECIFIED',
    owner: isActive ? owner : { id: '0', displayName: 'Unknown User', type: 'USER' },
    settings: application.settings,
    picture_url: picture,
  });
}

const lower = (text: unknown): string => String(text).toLowerCase().replaceAll('_', '-');

/** A definition as the gateway is given it, in which names of types are written small. */
export function deployedView(api: Api, draft: Definition, plans: readonly Plan[]): Json {
  const [flows, made] = [draft.flows.map(internalFlow), plans.filter(({ status }) => status === 'PUBLISHED' || status === 'DEPRECATED')];
  return {
    id: api.id,
    name: api.name,
    type: 'proxy',
    apiVersion: api.apiVersion,
    definitionVersion: '4.0.0',
    tags: draft.tags,
    properties: draft.properties,
    resources: draft.resources ?? [],
    listeners: draft.listeners.map(({ type, entrypoints, paths, ...rest }) => ({
      ...rest,
      type: lower(type),
      entrypoints: entrypoints.map((entrypoint) => ({ ...entrypoint, qos: lower(entrypoint['qos']) })),
      paths: paths.map(({ overrideAccess, ...path }) => (overrideAccess ? { ...path, overrideAccess } : path)),
    })),
    endpointGroups: draft.endpointGroups.map(({ loadBalancer, ...group }) => ({ ...group, loadBalancer: { type: lower(loadBalancer?.['type']) } })),
    analytics: draft.analytics,
    plans: made
      .sort((a, b) => a.order - b.order)
      .map(({ id, name, security, status, flows: own }) => ({
        id,
        name,
        security: { ...security, type: lower(security.type) },
        mode: 'standard',
        tags: [],
        status: lower(status),
        flows: own.map(internalFlow),
      })),
    flowExecution: { ...draft.flowExecution, mode: lower(draft.flowExecution.mode) },
    flows,
    responseTemplates: draft.responseTemplates ?? {},
  };
}

const internalFlow = ({ subscribe: _subscribe, publish: _publish, connect: _connect, interact: _interact, ...flow }: Flow): Json => ({
  ...flow,
  selectors: flow.selectors.map((selector) => ({ ...selector, type: lower(selector['type']) })),
});
