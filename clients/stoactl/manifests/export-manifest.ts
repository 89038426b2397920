import type {
  Api,
  Consumer,
  Deployment,
  GatewayKey,
  McpServer,
  Plan,
  Policy,
  Subscription,
  Team,
  ToolSet,
  TrustedIssuer,
} from '@stoa/generated/schemas.ts';
import type { Item } from '../kinds.ts';
import { credentialsIn } from './credentials.ts';
import { apiVersion } from './manifest.ts';
import type {
  ApiManifest,
  ConsumerManifest,
  DeploymentManifest,
  GatewayKeyManifest,
  McpServerManifest,
  ToolSetManifest,
  PlatformManifest,
  ManifestKind,
  PlanManifest,
  PolicyManifest,
  SubscriptionManifest,
  TeamManifest,
  TrustedIssuerManifest,
} from './manifest.ts';
import type { Platform } from './platform.ts';

/** What is there, as the manifest that would make it again: with names for ids, and for each secret a reference. An API and an MCP server must be those of their own pages. */
export function toManifest(kind: ManifestKind, item: Item, platform: Platform): PlatformManifest {
  if (kind === 'Team') return ofTeam(item as Team);
  if (kind === 'Api') return ofApi(item as Api);
  if (kind === 'Policy') return ofPolicy(item as Policy, platform);
  if (kind === 'Plan') return ofPlan(item as Plan, platform);
  if (kind === 'McpServer') return ofMcpServer(item as McpServer);
  if (kind === 'ToolSet') return ofToolSet(item as ToolSet);
  if (kind === 'TrustedIssuer') return ofTrustedIssuer(item as TrustedIssuer);
  if (kind === 'Consumer') return ofConsumer(item as Consumer);
  if (kind === 'Subscription') return ofSubscription(item as Subscription);
  if (kind === 'Deployment') return ofDeployment(item as Deployment, platform);
  return ofGatewayKey(item as GatewayKey);
}

const labelled = (name: string, labels: Record<string, string>) => ({ name, ...(Object.keys(labels).length > 0 && { labels }) });

function ofTeam({ name, description, members, environments }: Team): TeamManifest {
  const spec = {
    ...(description !== undefined && { description }),
    ...(members.length > 0 && { members }),
    ...(environments.length > 0 && { environments }),
  };
  return { apiVersion, kind: 'Team', metadata: { name }, ...(Object.keys(spec).length > 0 && { spec }) };
}

function ofApi(api: Api): ApiManifest {
  const { name, labels, document = {}, given_upstream_url, open_to_all_consumers, operations_filter, team, lifecycle } = api;
  const credentials = credentialsIn(api);
  return {
    apiVersion,
    kind: 'Api',
    metadata: labelled(name, labels),
    spec: {
      ...(team !== undefined && { team }),
      ...(given_upstream_url !== undefined && { upstream_url: given_upstream_url }),
      ...(open_to_all_consumers && { open_to_all_consumers }),
      ...(operations_filter !== undefined && { operations: operations_filter }),
      ...(lifecycle !== undefined && { lifecycle }),
      ...(credentials.length > 0 && { upstream_auth: credentials }),
      document: document as ApiManifest['spec']['document'],
    },
  };
}

function ofPolicy({ name, labels, policy, attached_to }: Policy, platform: Platform): PolicyManifest {
  const targets = attached_to.map(({ api_id, mcp_server_id, environment }) => ({
    ...(api_id !== undefined && { api: platform.nameOf('Api', api_id) }),
    ...(mcp_server_id !== undefined && { mcp_server: platform.nameOf('McpServer', mcp_server_id) }),
    ...(environment !== undefined && { environment }),
  }));
  return {
    apiVersion,
    kind: 'Policy',
    metadata: labelled(name, labels),
    spec: { policy, ...(targets.length > 0 && { attached_to: targets }) },
  };
}

const ofConsumer = ({ name, labels, team, certificates, tool_exposure }: Consumer): ConsumerManifest => ({
  apiVersion,
  kind: 'Consumer',
  metadata: labelled(name, labels),
  ...((team !== undefined || certificates !== undefined || tool_exposure !== undefined) && {
    spec: {
      ...(team !== undefined && { team }),
      ...(certificates !== undefined && { certificates }),
      ...(tool_exposure !== undefined && { tool_exposure }),
    },
  }),
});

function ofPlan({ name, labels, description, api_ids, policy_ids }: Plan, platform: Platform): PlanManifest {
  const [apis, policies] = [api_ids.map((id) => platform.nameOf('Api', id)), policy_ids.map((id) => platform.nameOf('Policy', id))];
  const spec = {
    ...(description !== undefined && { description }),
    ...(apis.length > 0 && { apis: apis.sort() }),
    ...(policies.length > 0 && { policies: policies.sort() }),
  };
  return { apiVersion, kind: 'Plan', metadata: labelled(name, labels), spec };
}

const ofTrustedIssuer = ({ name, rules, introspection }: TrustedIssuer): TrustedIssuerManifest => ({
  apiVersion,
  kind: 'TrustedIssuer',
  metadata: { name },
  spec: {
    rules,
    ...(introspection !== undefined && { introspection: { ...introspection, client_secret: { valueFrom: { name: `${name}/client_secret` } } } }),
  },
});

function ofMcpServer(server: McpServer): McpServerManifest {
  const { name, labels, team, title, prefix, http, stdio, pinning, subscription_required, call_timeout_s, targets } = server;
  const credentials = http === undefined ? [] : credentialsIn({ name, upstream_auth_places: http.credentials ?? [] });
  return {
    apiVersion,
    kind: 'McpServer',
    metadata: labelled(name, labels),
    spec: {
      ...(team !== undefined && { team }),
      ...(title !== undefined && { title }),
      ...(prefix !== `${name}_` && { prefix }),
      ...(http !== undefined && { http: { url: http.url, ...(credentials.length > 0 && { credentials }) } }),
      ...(stdio !== undefined && { stdio }),
      ...(pinning !== 'manual' && { pinning }),
      ...(!subscription_required && { subscription_required }),
      ...(call_timeout_s !== undefined && { call_timeout_s }),
      targets,
    },
  };
}

const ofToolSet = ({ name, labels, title, instructions, exposure, token_budget, tools }: ToolSet): ToolSetManifest => ({
  apiVersion,
  kind: 'ToolSet',
  metadata: labelled(name, labels),
  spec: {
    ...(title !== undefined && { title }),
    ...(instructions !== undefined && { instructions }),
    ...(exposure !== undefined && { exposure }),
    ...(token_budget !== undefined && { token_budget }),
    tools: tools.map(({ api_id: _api, mcp_server_id: _server, ...tool }) => tool),
  },
});

const ofSubscription = ({ consumer_name, api_name, plan_name, mcp_server_name, tool_set_name }: Subscription): SubscriptionManifest => ({
  apiVersion,
  kind: 'Subscription',
  spec: {
    consumer: consumer_name,
    ...(api_name !== undefined && { api: api_name }),
    ...(plan_name !== undefined && { plan: plan_name }),
    ...(mcp_server_name !== undefined && { mcp_server: mcp_server_name }),
    ...(tool_set_name !== undefined && { tool_set: tool_set_name }),
  },
});

function ofDeployment({ name, deployment_id, api_id, targets, revision, drift, public_path }: Deployment, platform: Platform): DeploymentManifest {
  const pinned = revision === 'newest' ? {} : { revision };
  return {
    apiVersion,
    kind: 'Deployment',
    metadata: { name: name ?? deployment_id },
    spec: { api: platform.nameOf('Api', api_id), targets, ...pinned, ...(drift === 'report' && { drift }), ...(public_path && { public_path }) },
  };
}

function ofGatewayKey({ name, environments, modes, instance_name, expires_at, team }: GatewayKey): GatewayKeyManifest {
  const spec = {
    ...(environments.length > 0 && { environments }),
    ...(modes.length > 0 && { modes }),
    ...(instance_name !== undefined && { instance_name }),
    ...(expires_at !== undefined && { expires_at }),
    ...(team !== undefined && { team }),
  };
  return { apiVersion, kind: 'GatewayKey', metadata: { name }, ...(Object.keys(spec).length > 0 && { spec }) };
}
