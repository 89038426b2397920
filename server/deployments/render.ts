import type {
  AnyUpstreamCredential,
  ApiLifecycle,
  ApiItem,
  ApiOperation,
  ConsumerItem,
  ConsumerKeyItem,
  IntrospectionItem,
  Labels,
  McpServerItem,
  PolicyOfPlan,
  PolicySpec,
  TokenRules,
  ToolSetItem,
} from '@stoa/generated/schemas.ts';
import { needsCurrentRuntime, toUpstream } from '../catalog/upstream-credentials.ts';
import { renderItem } from './rendered-item.ts';
import type { RenderedItem } from './rendered-item.ts';

/** An API at one revision, as it is stored. */
export type ApiContent = {
  id: string;
  name: string;
  title: string;
  version: string;
  description: string | null;
  revision: number;
  upstream_url: string;
  operations: ApiOperation[];
  open_to_all_consumers: boolean;
  lifecycle: ApiLifecycle | null;
};

export function renderApi(api: ApiContent, credentials: readonly AnyUpstreamCredential[]): RenderedItem {
  const { id, name, title, version, description, revision, upstream_url, operations } = api;
  const item: ApiItem = {
    id: `api:${id}`,
    kind: 'api',
    api_id: id,
    name,
    title,
    version,
    revision,
    operations,
    ...(description === null ? {} : { description }),
    // Left out where it is not so, for an API that is open to all has the form that every runtime knows.
    ...(api.open_to_all_consumers ? {} : { subscription_required: true }),
    ...(api.lifecycle === null ? {} : { lifecycle: api.lifecycle }),
    upstream: toUpstream(upstream_url, credentials),
  };
  return { ...renderItem(item), ...(needsCurrentRuntime(credentials) && { needsCurrentRuntime: true }) };
}

export function renderPolicy(
  { id, name, spec }: { id: string; name: string; spec: PolicySpec },
  apiIds: string[],
  mcpServerIds: string[] = [],
): RenderedItem {
  const common = { id: `policy:${id}`, kind: 'policy' as const, policy_id: id, name, policy: spec, api_ids: apiIds };
  return renderItem({ ...common, ...(mcpServerIds.length > 0 && { mcp_server_ids: mcpServerIds }) });
}

export function renderMcpServer(item: Omit<McpServerItem, 'id' | 'kind'>): RenderedItem {
  return renderItem({ id: `mcp_server:${item.mcp_server_id}`, kind: 'mcp_server', ...item });
}

export function renderPlan({ id, name }: { id: string; name: string }, apiIds: string[], policies: PolicyOfPlan[]): RenderedItem {
  return renderItem({ id: `plan:${id}`, kind: 'plan', plan_id: id, name, api_ids: apiIds, policies });
}

export function renderIssuer({ id, name }: { id: string; name: string }, rules: TokenRules, introspection?: IntrospectionItem): RenderedItem {
  const common = { id: `trusted_issuer:${id}`, kind: 'trusted_issuer' as const, trusted_issuer_id: id };
  return renderItem({ ...common, name, rules, ...(introspection !== undefined && { introspection }) });
}

export function renderToolSet(item: Omit<ToolSetItem, 'id' | 'kind'>): RenderedItem {
  return renderItem({ id: `tool_set:${item.tool_set_id}`, kind: 'tool_set', ...item });
}

/** To an API, to a plan, to an MCP server or to a tool set. */
export type SubscriptionContent = { id: string; consumer_id: string } & (
  | { api_id: string; plan_id: null; mcp_server_id?: null; tool_set_id?: null }
  | { api_id: null; plan_id: string; mcp_server_id?: null; tool_set_id?: null }
  | { api_id: null; plan_id: null; mcp_server_id: string; tool_set_id?: null }
  | { api_id: null; plan_id: null; mcp_server_id?: null; tool_set_id: string }
);

export function renderSubscription({ id, api_id, plan_id, mcp_server_id, tool_set_id, consumer_id }: SubscriptionContent): RenderedItem {
  const common = { id: `subscription:${id}`, subscription_id: id, consumer_id };
  if (mcp_server_id) return renderItem({ ...common, kind: 'mcp_server_subscription', mcp_server_id });
  if (tool_set_id) return renderItem({ ...common, kind: 'tool_set_subscription', tool_set_id });
  if (api_id === null && plan_id === null) throw new Error(`The subscription ${id} is to nothing.`);
  return renderItem(plan_id === null ? { ...common, kind: 'subscription', api_id } : { ...common, kind: 'plan_subscription', plan_id });
}

export type KeyContent = { id: string; consumer_id: string; sha256: string; expires_at: string | undefined };

const materialOf = ({ id, sha256, expires_at }: KeyContent, secret: string | undefined) => ({
  key_id: id,
  sha256,
  ...(expires_at === undefined ? {} : { expires_at }),
  ...(secret === undefined ? {} : { secret }),
});

export function renderKey(key: KeyContent, secret?: string): RenderedItem {
  const item: ConsumerKeyItem = { id: `consumer_key:${key.id}`, kind: 'consumer_key', consumer_id: key.consumer_id, ...materialOf(key, secret) };
  return renderItem(item);
}

type ConsumerContent = { id: string; name: string; labels: Labels; certificates: readonly string[]; toolExposure: 'full' | 'search' };
export type RevealedKey = { key: KeyContent; secret: string | undefined };

/** With its keys, as they stand in a whole configuration; without, as an item beside them. */
export function renderConsumer({ id, name, labels, certificates, toolExposure }: ConsumerContent, keys: readonly RevealedKey[] = []): RenderedItem {
  const item: ConsumerItem = {
    id: `consumer:${id}`,
    kind: 'consumer',
    consumer_id: id,
    name,
    labels,
    ...(certificates.length > 0 && { certificates: [...certificates] }),
    ...(toolExposure === 'search' && { tool_exposure: toolExposure }),
    keys: keys.map(({ key, secret }) => materialOf(key, secret)),
  };
  return renderItem(item);
}
