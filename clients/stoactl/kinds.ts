import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type {
  Api,
  Consumer,
  Deployment,
  Gateway,
  GatewayKey,
  McpServer,
  OpenInvitation,
  OperatorToken,
  PersonalToken,
  Plan,
  Policy,
  ServiceAccount,
  Subscription,
  Team,
  ToolSet,
  TrustedIssuer,
  User,
} from '@stoa/generated/schemas.ts';
import { nearestName } from '@stoa/lib/nearest-name.ts';
import type { ServerReply } from '@stoa/control-plane-client/refusal.ts';
import { CommandError } from './exit-codes.ts';
import { targetHealthText } from './target-health.ts';

/** Anything that the Control Plane lists, as it stands on the wire. */
export type Item = Readonly<Record<string, unknown>>;
export type ListQuery = { limit?: number; cursor?: string; label?: string[]; search?: string };
export type ListPage = { items: Item[]; next_cursor: string | null };
/** A column of a table: `wide` ones are left out of the narrow one. */
export type Column = { title: string; value: (item: Item) => unknown; wide?: true };

export type Kind = {
  /** As it stands in manifests and in `-o name`. */
  readonly name: string;
  readonly plural: string;
  readonly aliases?: readonly string[];
  /** The schema of the contract that it is shown by, where that has another name. */
  readonly schema?: string;
  /** The member that is its id. */
  readonly id: string;
  readonly hasLabels: boolean;
  /** Whether the server finds one by a part of what a person calls it. */
  readonly isSearched?: false;
  /** What a person calls one. */
  nameOf(item: Item): string;
  list(client: ControlPlaneClient, query: ListQuery): Promise<ServerReply<ListPage>>;
  get?(client: ControlPlaneClient, id: string): Promise<ServerReply<Item>>;
  remove?(client: ControlPlaneClient, id: string): Promise<ServerReply<unknown>>;
  readonly columns: readonly Column[];
};

/** The members of a wire shape, so that a column names one that there is. */
const field =
  <T>() =>
  (title: string, key: keyof T & string, wide?: 'wide'): Column => ({ title, value: (item) => item[key], ...(wide && { wide: true as const }) });
const computed = <T>(title: string, value: (item: T) => unknown, wide?: 'wide'): Column => ({
  title,
  value: (item) => value(item as T),
  ...(wide && { wide: true as const }),
});

const ofApi = field<Api>();
const ofPolicy = field<Policy>();
const ofConsumer = field<Consumer>();
const ofPlan = field<Plan>();
const ofMcpServer = field<McpServer>();
const ofToolSet = field<ToolSet>();
const ofSubscription = field<Subscription>();
const ofDeployment = field<Deployment>();
const ofGateway = field<Gateway>();
const ofKey = field<GatewayKey>();
const ofToken = field<OperatorToken>();
const ofPersonal = field<PersonalToken>();
const ofAccount = field<ServiceAccount>();
const ofInvitation = field<OpenInvitation>();
const ofUser = field<User>();
const ofTeam = field<Team>();
const ofIssuer = field<TrustedIssuer>();

/** An API, a plan, an MCP server and a tool set may have the same name. */
const subscriptionName = ({
  consumer_name: consumer,
  api_name: api,
  plan_name: plan,
  mcp_server_name: server,
  tool_set_name: set,
}: Subscription): string => {
  if (set !== undefined) return `${consumer}/tool-set/${set}`;
  if (server !== undefined) return `${consumer}/mcp-server/${server}`;
  return api === undefined ? `${consumer}/plan/${plan}` : `${consumer}/${api}`;
};

/** With the share of its gateways on which it is so, where it is another one on others. */
export function stateOf({ state, gateway_states: counts = {} }: Deployment): string | undefined {
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const own = state === undefined || state === 'unmatched' ? all : (counts[state] ?? all);
  return own === all ? state : `${state} (${own} of ${all})`;
}

/** The one table of what can be listed, shown and deleted. The generated client says how; a page of any kind has the same shape. */
export const kinds: readonly Kind[] = [
  {
    name: 'Api',
    plural: 'apis',
    id: 'api_id',
    hasLabels: true,
    nameOf: (item) => (item as Api).name,
    list: (client, query) => client.listApis({ params: { query } }),
    get: (client, api_id) => client.getApi({ params: { path: { api_id } } }),
    remove: (client, api_id) => client.deleteApi({ params: { path: { api_id } } }),
    columns: [
      ofApi('NAME', 'name'),
      ofApi('VERSION', 'version'),
      computed<Api>('SERVED AS', ({ lifecycle }) => lifecycle?.version && `${lifecycle.version_of}/${lifecycle.version}`, 'wide'),
      computed<Api>('DEPRECATED', ({ lifecycle }) => lifecycle?.deprecated_at),
      computed<Api>('SUNSET', ({ lifecycle }) => lifecycle?.sunset_at),
      ofApi('REVISION', 'revision'),
      ofApi('TOOLS', 'tools'),
      ofApi('STATE', 'state'),
      ofApi('TEAM', 'team', 'wide'),
      ofApi('UPSTREAM', 'upstream_url'),
      ofApi('TOKENS', 'list_tokens', 'wide'),
      ofApi('LABELS', 'labels', 'wide'),
      ofApi('UPDATED', 'updated_at', 'wide'),
      ofApi('ID', 'api_id', 'wide'),
    ],
  },
  {
    name: 'Policy',
    plural: 'policies',
    id: 'policy_id',
    hasLabels: true,
    nameOf: (item) => (item as Policy).name,
    list: (client, query) => client.listPolicies({ params: { query } }),
    get: (client, policy_id) => client.getPolicy({ params: { path: { policy_id } } }),
    remove: (client, policy_id) => client.deletePolicy({ params: { path: { policy_id } } }),
    columns: [
      ofPolicy('NAME', 'name'),
      computed<Policy>('KIND', ({ policy }) => policy.kind),
      computed<Policy>('ATTACHED', ({ attached_to }) => attached_to.length),
      ofPolicy('STATE', 'state'),
      ofPolicy('LABELS', 'labels', 'wide'),
      ofPolicy('UPDATED', 'updated_at', 'wide'),
      ofPolicy('ID', 'policy_id', 'wide'),
    ],
  },
  {
    name: 'Consumer',
    plural: 'consumers',
    id: 'consumer_id',
    hasLabels: true,
    nameOf: (item) => (item as Consumer).name,
    list: (client, query) => client.listConsumers({ params: { query } }),
    get: (client, consumer_id) => client.getConsumer({ params: { path: { consumer_id } } }),
    remove: (client, consumer_id) => client.deleteConsumer({ params: { path: { consumer_id } } }),
    columns: [
      ofConsumer('NAME', 'name'),
      ofConsumer('LABELS', 'labels'),
      ofConsumer('KEY EXPIRES', 'key_expires_at'),
      ofConsumer('TEAM', 'team', 'wide'),
      ofConsumer('CREATED', 'created_at'),
      ofConsumer('ID', 'consumer_id', 'wide'),
    ],
  },
  {
    name: 'Plan',
    plural: 'plans',
    id: 'plan_id',
    hasLabels: true,
    nameOf: (item) => (item as Plan).name,
    list: (client, query) => client.listPlans({ params: { query } }),
    get: (client, plan_id) => client.getPlan({ params: { path: { plan_id } } }),
    remove: (client, plan_id) => client.deletePlan({ params: { path: { plan_id } } }),
    columns: [
      ofPlan('NAME', 'name'),
      computed<Plan>('APIS', ({ api_ids }) => api_ids.length),
      computed<Plan>('POLICIES', ({ policy_ids }) => policy_ids.length),
      ofPlan('STATE', 'state'),
      ofPlan('DESCRIPTION', 'description', 'wide'),
      ofPlan('LABELS', 'labels', 'wide'),
      ofPlan('UPDATED', 'updated_at', 'wide'),
      ofPlan('ID', 'plan_id', 'wide'),
    ],
  },
  {
    name: 'TrustedIssuer',
    plural: 'trusted-issuers',
    aliases: ['issuers'],
    id: 'trusted_issuer_id',
    hasLabels: false,
    nameOf: (item) => (item as TrustedIssuer).name,
    list: (client, query) => client.listTrustedIssuers({ params: { query } }),
    get: (client, trusted_issuer_id) => client.getTrustedIssuer({ params: { path: { trusted_issuer_id } } }),
    remove: (client, trusted_issuer_id) => client.deleteTrustedIssuer({ params: { path: { trusted_issuer_id } } }),
    columns: [
      ofIssuer('NAME', 'name'),
      computed<TrustedIssuer>('ISSUER', ({ rules }) => rules.issuer),
      computed<TrustedIssuer>('CONSUMERS', ({ rules }) =>
        rules.consumers.map(({ claim, value, consumer }) => consumer ?? `by ${claim}${value ?? ''}`),
      ),
      computed<TrustedIssuer>('SCOPES', ({ rules }) => rules.scopes ?? []),
      ofIssuer('UPDATED', 'updated_at', 'wide'),
      ofIssuer('ID', 'trusted_issuer_id', 'wide'),
    ],
  },
  {
    name: 'ToolSet',
    plural: 'tool-sets',
    id: 'tool_set_id',
    hasLabels: true,
    nameOf: (item) => (item as ToolSet).name,
    list: (client, query) => client.listToolSets({ params: { query } }),
    get: (client, tool_set_id) => client.getToolSet({ params: { path: { tool_set_id } } }),
    remove: (client, tool_set_id) => client.deleteToolSet({ params: { path: { tool_set_id } } }),
    columns: [
      ofToolSet('NAME', 'name'),
      ofToolSet('REVISION', 'revision'),
      computed<ToolSet>('TOOLS', ({ tools }) => tools.length),
      ofToolSet('EXPOSURE', 'exposure'),
      ofToolSet('BUDGET', 'token_budget', 'wide'),
      ofToolSet('LABELS', 'labels', 'wide'),
      ofToolSet('UPDATED', 'updated_at', 'wide'),
      ofToolSet('ID', 'tool_set_id', 'wide'),
    ],
  },
  {
    name: 'McpServer',
    plural: 'mcp-servers',
    aliases: ['mcp'],
    id: 'mcp_server_id',
    hasLabels: true,
    nameOf: (item) => (item as McpServer).name,
    list: (client, query) => client.listMcpServers({ params: { query } }),
    get: (client, mcp_server_id) => client.getMcpServer({ params: { path: { mcp_server_id } } }),
    remove: (client, mcp_server_id) => client.deleteMcpServer({ params: { path: { mcp_server_id } } }),
    columns: [
      ofMcpServer('NAME', 'name'),
      ofMcpServer('STATE', 'state'),
      ofMcpServer('CONNECTION', 'connection'),
      ofMcpServer('PINNING', 'pinning'),
      computed<McpServer>('APPROVED', ({ definitions }) => definitions?.approved),
      computed<McpServer>('PENDING', ({ definitions }) => definitions?.pending),
      computed<McpServer>('PLACE', ({ http, stdio }) => http?.url ?? stdio?.command, 'wide'),
      ofMcpServer('PREFIX', 'prefix', 'wide'),
      ofMcpServer('TARGETS', 'targets', 'wide'),
      ofMcpServer('TEAM', 'team', 'wide'),
      ofMcpServer('LABELS', 'labels', 'wide'),
      ofMcpServer('ID', 'mcp_server_id', 'wide'),
    ],
  },
  {
    name: 'Subscription',
    plural: 'subscriptions',
    aliases: ['subs'],
    id: 'subscription_id',
    hasLabels: false,
    nameOf: (item) => subscriptionName(item as Subscription),
    list: (client, query) => client.listSubscriptions({ params: { query } }),
    get: (client, subscription_id) => client.getSubscription({ params: { path: { subscription_id } } }),
    remove: (client, subscription_id) => client.deleteSubscription({ params: { path: { subscription_id } } }),
    columns: [
      computed<Subscription>('NAME', subscriptionName),
      ofSubscription('CONSUMER', 'consumer_name'),
      ofSubscription('API', 'api_name'),
      ofSubscription('PLAN', 'plan_name'),
      ofSubscription('MCP SERVER', 'mcp_server_name'),
      ofSubscription('TOOL SET', 'tool_set_name'),
      ofSubscription('CREATED', 'created_at'),
      ofSubscription('ID', 'subscription_id', 'wide'),
    ],
  },
  {
    name: 'Deployment',
    plural: 'deployments',
    id: 'deployment_id',
    hasLabels: false,
    isSearched: false,
    nameOf: (item) => (item as Deployment).name ?? (item as Deployment).deployment_id,
    list: (client, query) => client.listDeployments({ params: { query } }),
    get: (client, deployment_id) => client.getDeployment({ params: { path: { deployment_id } } }),
    remove: (client, deployment_id) => client.deleteDeployment({ params: { path: { deployment_id } } }),
    columns: [
      computed<Deployment>('NAME', ({ name, deployment_id }) => name ?? deployment_id),
      ofDeployment('REVISION', 'revision'),
      computed<Deployment>('STATE', stateOf),
      ofDeployment('TARGETS', 'targets'),
      ofDeployment('API', 'api_name', 'wide'),
      computed<Deployment>('PUBLIC PATH', ({ public_path: path }) => path && `${path.host ?? ''}${path.prefix ?? ''}`, 'wide'),
      ofDeployment('ID', 'deployment_id', 'wide'),
      ofDeployment('CREATED', 'created_at', 'wide'),
    ],
  },
  {
    name: 'Gateway',
    plural: 'gateways',
    aliases: ['gw'],
    id: 'gateway_id',
    hasLabels: true,
    nameOf: (item) => (item as Gateway).instance_name,
    list: (client, query) => client.listGateways({ params: { query } }),
    get: (client, gateway_id) => client.getGateway({ params: { path: { gateway_id } } }),
    remove: (client, gateway_id) => client.decommissionGateway({ params: { path: { gateway_id } } }),
    columns: [
      ofGateway('NAME', 'instance_name'),
      ofGateway('MODE', 'gateway_mode'),
      ofGateway('ENVIRONMENT', 'environment'),
      ofGateway('LIVENESS', 'liveness'),
      ofGateway('STATUS', 'status'),
      computed<Gateway>('CONFIG', ({ config }) => config.state),
      computed<Gateway>('REJECTED', ({ config }) => config.rejected_items, 'wide'),
      ofGateway('VERSION', 'version'),
      computed<Gateway>('TARGET', ({ target_gateway: target }) => [target?.type, target?.version].filter(Boolean).join(' '), 'wide'),
      computed<Gateway>('TARGET HEALTH', ({ target_health: health }) => health && targetHealthText(health), 'wide'),
      ofGateway('TEAM', 'team', 'wide'),
      ofGateway('LAST HEARTBEAT', 'last_heartbeat_at', 'wide'),
      ofGateway('LABELS', 'labels', 'wide'),
      ofGateway('ID', 'gateway_id', 'wide'),
    ],
  },
  {
    name: 'GatewayKey',
    plural: 'gateway-keys',
    aliases: ['keys'],
    id: 'key_id',
    hasLabels: false,
    nameOf: (item) => (item as GatewayKey).name,
    list: (client, query) => client.listGatewayKeys({ params: { query } }),
    remove: (client, key_id) => client.revokeGatewayKey({ params: { path: { key_id } } }),
    columns: [
      ofKey('NAME', 'name'),
      ofKey('HINT', 'hint'),
      ofKey('STATE', 'state'),
      ofKey('ENVIRONMENTS', 'environments'),
      ofKey('MODES', 'modes'),
      ofKey('TEAM', 'team', 'wide'),
      ofKey('LAST USED', 'last_used_at', 'wide'),
      ofKey('EXPIRES', 'expires_at', 'wide'),
      ofKey('CREATED', 'created_at', 'wide'),
      ofKey('ID', 'key_id', 'wide'),
    ],
  },
  {
    name: 'Team',
    plural: 'teams',
    id: 'name',
    hasLabels: false,
    nameOf: (item) => (item as Team).name,
    list: (client, query) => client.listTeams({ params: { query } }),
    get: (client, team) => client.getTeam({ params: { path: { team } } }),
    remove: (client, team) => client.deleteTeam({ params: { path: { team } } }),
    columns: [
      ofTeam('NAME', 'name'),
      computed<Team>('MEMBERS', ({ members }) => members.length),
      ofTeam('DESCRIPTION', 'description'),
      ofTeam('ENVIRONMENTS', 'environments', 'wide'),
      ofTeam('UPDATED', 'updated_at', 'wide'),
    ],
  },
  {
    name: 'Token',
    schema: 'OperatorToken',
    plural: 'tokens',
    id: 'token_id',
    hasLabels: false,
    nameOf: (item) => (item as OperatorToken).name,
    list: (client, query) => client.listOperatorTokens({ params: { query } }),
    remove: (client, token_id) => client.revokeOperatorToken({ params: { path: { token_id } } }),
    columns: [
      ofToken('NAME', 'name'),
      ofToken('HINT', 'hint'),
      ofToken('STATE', 'state'),
      ofToken('ROLE', 'role'),
      ofToken('KIND', 'kind', 'wide'),
      ofToken('EXPIRES', 'expires_at', 'wide'),
      ofToken('CREATED', 'created_at', 'wide'),
      ofToken('ID', 'token_id', 'wide'),
    ],
  },
  {
    name: 'PersonalToken',
    plural: 'personal-tokens',
    id: 'token_id',
    hasLabels: false,
    nameOf: (item) => (item as PersonalToken).name,
    list: (client, query) => client.listPersonalTokens({ params: { query } }),
    remove: (client, token_id) => client.revokePersonalToken({ params: { path: { token_id } } }),
    columns: [
      ofPersonal('NAME', 'name'),
      ofPersonal('HINT', 'hint'),
      ofPersonal('STATE', 'state'),
      ofPersonal('LAST USED', 'last_used_at'),
      ofPersonal('EXPIRES', 'expires_at'),
      ofPersonal('SCOPES', 'scopes', 'wide'),
      ofPersonal('CREATED', 'created_at', 'wide'),
      ofPersonal('ID', 'token_id', 'wide'),
    ],
  },
  {
    name: 'ServiceAccount',
    plural: 'service-accounts',
    id: 'service_account_id',
    hasLabels: false,
    nameOf: (item) => (item as ServiceAccount).name,
    list: (client, query) => client.listServiceAccounts({ params: { query } }),
    get: (client, service_account_id) => client.getServiceAccount({ params: { path: { service_account_id } } }),
    remove: (client, service_account_id) => client.deleteServiceAccount({ params: { path: { service_account_id } } }),
    columns: [
      ofAccount('NAME', 'name'),
      ofAccount('ROLES', 'roles'),
      ofAccount('STATE', 'state'),
      ofAccount('LAST USED', 'last_used_at'),
      ofAccount('EXPIRES', 'expires_at', 'wide'),
      ofAccount('SCOPES', 'scopes', 'wide'),
      ofAccount('SECRET CHANGED', 'secret_changed_at', 'wide'),
      ofAccount('CLIENT ID', 'client_id'),
    ],
  },
  {
    name: 'Invitation',
    schema: 'OpenInvitation',
    plural: 'invitations',
    id: 'invitation_id',
    hasLabels: false,
    isSearched: false,
    nameOf: (item) => (item as OpenInvitation).email ?? (item as OpenInvitation).hint,
    list: (client, query) => client.listInvitations({ params: { query } }),
    remove: (client, invitation_id) => client.revokeInvitation({ params: { path: { invitation_id } } }),
    columns: [
      computed<OpenInvitation>('FOR', ({ email, hint }) => email ?? hint),
      ofInvitation('ROLES', 'roles'),
      ofInvitation('INVITED BY', 'invited_by'),
      ofInvitation('EXPIRES', 'expires_at'),
      ofInvitation('CREATED', 'created_at', 'wide'),
      ofInvitation('ID', 'invitation_id', 'wide'),
    ],
  },
  {
    name: 'User',
    plural: 'users',
    id: 'user_id',
    hasLabels: false,
    isSearched: false,
    nameOf: (item) => (item as User).email,
    list: (client, query) => client.listUsers({ params: { query } }),
    get: (client, user_id) => client.getUser({ params: { path: { user_id } } }),
    remove: (client, user_id) => client.removeUser({ params: { path: { user_id } } }),
    columns: [
      ofUser('EMAIL', 'email'),
      ofUser('NAME', 'name'),
      ofUser('ROLES', 'roles'),
      ofUser('STATE', 'state'),
      ofUser('ISSUER', 'issuer', 'wide'),
      ofUser('JOINED', 'joined_at', 'wide'),
      ofUser('ID', 'user_id', 'wide'),
    ],
  },
];

/** Every word that means a kind: `api`, `apis`, `Api`, `gateway-key`. */
export const wordsOf = ({ name, plural, aliases = [] }: Kind): string[] => [plural, plainName({ name }), name.toLowerCase(), ...aliases];

/** `GatewayKey` as it is typed: `gateway-key`. */
export const plainName = ({ name }: Pick<Kind, 'name'>): string => name.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();

/** `GatewayKey` in a sentence: `gateway key`. */
export const spokenName = (kind: Pick<Kind, 'name'>): string => plainName(kind).replaceAll('-', ' ');

/** What is meant by a kind and a name, or by both in one as `-o name` prints them: `api/shop`. A name may hold a stroke itself. */
export function meantBy(word: string, name: string | undefined): { kind: Kind; name: string | undefined } {
  const stroke = word.indexOf('/');
  if (name !== undefined || stroke < 0) return { kind: kindOf(word), name };
  return { kind: kindOf(word.slice(0, stroke)), name: word.slice(stroke + 1) };
}

/** The same where it is one thing that is meant. */
export function oneMeantBy(word: string, given: string | undefined): { kind: Kind; name: string } {
  const { kind, name } = meantBy(word, given);
  if (name === undefined || name === '') throw new CommandError('usage', `Name the ${spokenName(kind)}: its name, or its id.`);
  return { kind, name };
}

export const kindNamed = (word: string): Kind | undefined => kinds.find((kind) => wordsOf(kind).includes(word.toLowerCase()));

export function kindOf(word: string): Kind {
  const found = kindNamed(word);
  if (found !== undefined) return found;
  const meant = nearestName(word.toLowerCase(), kinds.flatMap(wordsOf));
  throw new CommandError(
    'usage',
    `There is no kind ${word}: ${meant === undefined ? `there are ${kinds.map(({ plural }) => plural).join(', ')}.` : `did you mean ${meant}?`}`,
  );
}
