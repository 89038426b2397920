import { createHash, randomUUID } from 'node:crypto';
import type {
  Api,
  Approval,
  Consumer,
  ConsumerKey,
  Deployment,
  Invitation,
  McpServer,
  MadeTenant,
  MintedPersonalToken,
  MintedServiceAccount,
  OperatorToken,
  Plan,
  Policy,
  SignInLink,
  Subscription,
  Team,
  ToolSet,
  TrustedIssuer,
} from '@stoa/generated/schemas.ts';
import { metricsToken } from '../../subjects/over-http.ts';
import type { CallOptions, ControlPlane } from '../../subjects/over-http.ts';
import { defineApi } from '../control-plane/configuration.ts';
import { register } from '../control-plane/samples.ts';
import { until } from '../../until.ts';

/** Makes whatever a call needs, and answers the call that then succeeds. */
export type Sample = (controlPlane: ControlPlane) => Promise<CallOptions>;

const document = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1.0.0' },
  servers: [{ url: 'http://127.0.0.1:9' }],
  paths: { '/pets': { get: { operationId: 'listPets', responses: { '200': { description: 'Pets.' } } } } },
};
export const slug = (): string => `sample-${randomUUID()}`;
export const apiBody = (given: Record<string, unknown> = {}) => ({ name: slug(), document, ...given });
export const policyBody = (given: Record<string, unknown> = {}) => ({
  name: slug(),
  policy: { kind: 'rate_limit', config: { limit: 100, window_s: 60 } },
  attached_to: [],
  ...given,
});
const nothing: Sample = async () => ({});

/** A body that is right as it stands, and one that names something else where the operation has a thing in its path. */
async function made<T>(controlPlane: ControlPlane, operationId: string, options: CallOptions): Promise<T> {
  const { status, body, text } = await controlPlane.call<T>(operationId, options);
  if (status !== 201) throw new Error(`${operationId} answered ${status}: ${text}`);
  return body;
}

export const makeConsumer = (controlPlane: ControlPlane): Promise<Consumer> => made(controlPlane, 'createConsumer', { body: { name: slug() } });
export const makePolicy = (controlPlane: ControlPlane): Promise<Policy> => made(controlPlane, 'createPolicy', { body: policyBody() });
export const makeToken = (
  controlPlane: ControlPlane,
  body: Record<string, unknown> = { name: 'viewer', role: 'viewer' },
): Promise<{ token: OperatorToken; secret: string }> => made(controlPlane, 'createOperatorToken', { body });
export const makeDeployment = async (controlPlane: ControlPlane): Promise<Deployment> => {
  const { api_id } = await defineApi(controlPlane);
  return made(controlPlane, 'createDeployment', { body: { api_id, targets: { environments: [`only-${randomUUID().slice(0, 8)}`] } } });
};
export const makeSubscription = async (controlPlane: ControlPlane): Promise<Subscription> => {
  const [{ api_id }, { consumer_id }] = [await defineApi(controlPlane), await makeConsumer(controlPlane)];
  return made(controlPlane, 'createSubscription', { body: { api_id, consumer_id } });
};
export const makePlan = (controlPlane: ControlPlane): Promise<Plan> => made(controlPlane, 'createPlan', { body: { name: slug() } });
export const issuerBody = (given: Record<string, unknown> = {}) => ({
  name: slug(),
  rules: { issuer: `http://127.0.0.1:9/${slug()}`, consumers: [{ claim: 'azp' }], scopes: ['mcp:tools'] },
  ...given,
});
export const makeIssuer = (controlPlane: ControlPlane): Promise<TrustedIssuer> => made(controlPlane, 'createTrustedIssuer', { body: issuerBody() });
const onIssuer: Sample = async (controlPlane) => ({ path: { trusted_issuer_id: (await makeIssuer(controlPlane)).trusted_issuer_id } });
export const mcpServerBody = (given: Record<string, unknown> = {}) => ({
  name: slug(),
  // A name of this length makes no prefix.
  prefix: `s${randomUUID().slice(0, 8)}_`,
  http: { url: 'http://127.0.0.1:9/mcp' },
  targets: { environments: [`only-${randomUUID().slice(0, 8)}`] },
  ...given,
});
export const makeMcpServer = (controlPlane: ControlPlane): Promise<McpServer> => made(controlPlane, 'createMcpServer', { body: mcpServerBody() });
const onMcpServer: Sample = async (controlPlane) => ({ path: { mcp_server_id: (await makeMcpServer(controlPlane)).mcp_server_id } });
export const toolSetBody = async (controlPlane: ControlPlane, given: Record<string, unknown> = {}) => {
  const { api_id } = await defineApi(controlPlane);
  const { name, operations = [] } = (await controlPlane.call<Api>('getApi', { path: { api_id } })).body;
  return { name: slug(), tools: [{ api: name, operation: operations[0]?.operation_id }], ...given };
};
export const makeToolSet = async (controlPlane: ControlPlane): Promise<ToolSet> =>
  made(controlPlane, 'createToolSet', { body: await toolSetBody(controlPlane) });
const onToolSet: Sample = async (controlPlane) => ({ path: { tool_set_id: (await makeToolSet(controlPlane)).tool_set_id } });
/** A definition that waits, as a gateway would have reported it. */
const pendingDefinition: Sample = async (controlPlane) => {
  const { path } = await onMcpServer(controlPlane);
  const ref = { kind: 'tool', name: 'close', sha256: 'f'.repeat(64) };
  await controlPlane.query(
    `INSERT INTO mcp_definition (tenant_id, mcp_server_id, kind, name, name_hash, sha256, definition)
     VALUES ($1, $2::uuid, $3, $4, $5, $6, '{}')`,
    [controlPlane.tenantId, path?.['mcp_server_id'], ref.kind, ref.name, createHash('sha256').update(ref.name).digest('hex'), ref.sha256],
  );
  return { path: path ?? {}, body: { definitions: [ref] } };
};
export const makeConsumerKey = async (controlPlane: ControlPlane): Promise<{ consumer_id: string; key_id: string }> => {
  const { consumer_id } = await makeConsumer(controlPlane);
  const { key } = await made<{ key: ConsumerKey }>(controlPlane, 'createConsumerKey', { path: { consumer_id }, body: {} });
  return { consumer_id, key_id: key.key_id };
};
export const serviceAccountBody = (more: object = {}): object => ({ name: slug(), roles: ['admin'], scopes: ['tokens.write'], ...more });
export const makeServiceAccount = async (controlPlane: ControlPlane, more: object = {}): Promise<MintedServiceAccount['service_account']> =>
  (await made<MintedServiceAccount>(controlPlane, 'createServiceAccount', { body: serviceAccountBody(more) })).service_account;
const onServiceAccount: Sample = async (controlPlane) => ({
  path: { service_account_id: (await makeServiceAccount(controlPlane)).service_account_id },
});
/** What the browser of a person sends, who is a viewer: a session, which was a token. */
export const asPerson = async (controlPlane: ControlPlane): Promise<CallOptions> => {
  const { token, secret } = await makeToken(controlPlane);
  await controlPlane.query(
    `WITH made AS (INSERT INTO app_user (email, name) VALUES ($2, 'sample') RETURNING id),
       member AS (INSERT INTO membership (user_id, tenant_id, roles) SELECT id, $1, '{viewer}' FROM made RETURNING user_id)
     UPDATE operator_token SET kind = 'session', expires_at = now() + interval '1 hour', user_id = (SELECT user_id FROM member) WHERE id = $3::uuid`,
    [controlPlane.tenantId, `${slug()}@example.com`, token.token_id],
  );
  return { token: null, headers: { cookie: `stoa_session=${secret}`, origin: controlPlane.url } };
};
export const makeTeam = (controlPlane: ControlPlane): Promise<Team> => made(controlPlane, 'createTeam', { body: { name: slug() } });
const onUser: Sample = async (controlPlane) => {
  const [user] = await controlPlane.query<{ user_id: string }>(
    `WITH made AS (INSERT INTO app_user (email, name) VALUES ($2, 'sample') RETURNING id)
     INSERT INTO membership (user_id, tenant_id, roles) SELECT id, $1, '{viewer}' FROM made RETURNING user_id`,
    [controlPlane.tenantId, `${slug()}@example.com`],
  );
  return { path: { user_id: user?.user_id ?? '' } };
};
const onGateway: Sample = async (controlPlane) => ({ path: { gateway_id: (await register(controlPlane)).gateway_id } });
/** A Connect that is asked once how a service is, and says so. */
const adoptable: Sample = async (controlPlane) => {
  const { gateway_id } = await register(controlPlane, { gateway_mode: 'connect', features: ['subscriptions', 'plans', 'dry_run'] });
  const path = { gateway_id };
  const objects = [{ kind: 'service', id: 'billing', label: 'service billing', fields: { name: 'billing' } }];
  const adoption = { name: slug(), upstream_url: 'http://127.0.0.1:9', operations: [{ method: 'GET', path: '/bills/{id}' }], objects, stays: [] };
  const answering = async (): Promise<void> => {
    const { status, body } = await controlPlane.call<{ dry_run_id: string }>('takeDryRun', { path, query: { wait_s: 20 } });
    if (status !== 200) return;
    const { dry_run_id } = body;
    await controlPlane.call('answerDryRun', { path, body: { dry_run_id, state: 'applied', items: [], writes: [], adoption } });
  };
  answering().catch(() => undefined);
  return { path, body: { object_id: 'billing' } };
};
const onApi: Sample = async (controlPlane) => ({ path: { api_id: ((await defineApi(controlPlane)) satisfies Api).api_id } });
const onPolicy: Sample = async (controlPlane) => ({ path: { policy_id: (await makePolicy(controlPlane)).policy_id } });
const onConsumer: Sample = async (controlPlane) => ({ path: { consumer_id: (await makeConsumer(controlPlane)).consumer_id } });
const onPlan: Sample = async (controlPlane) => ({ path: { plan_id: (await makePlan(controlPlane)).plan_id } });
const onSubscription: Sample = async (controlPlane) => ({
  path: { subscription_id: (await makeSubscription(controlPlane)).subscription_id },
});
/** A deployment, or a key, that another one asked for where a second person is demanded. */
export const makeApproval = async (controlPlane: ControlPlane, demand: 'deployments' | 'reveals' = 'deployments'): Promise<Approval> => {
  const environment = `env-${randomUUID().slice(0, 8)}`;
  const [{ api_id }, { secret }] = [await defineApi(controlPlane), await makeToken(controlPlane, { name: 'asking', role: 'admin' })];
  await controlPlane.call('setEnvironment', { path: { environment }, body: { four_eyes: [demand] } });
  if (demand === 'reveals') {
    const asked = await controlPlane.call<Approval>('createGatewayKey', { body: { name: 'asked', environments: [environment] }, token: secret });
    // Where keys are watched, what is of no one environment waits as well: issuers that other samples trust.
    await controlPlane.query("UPDATE environment_setting SET four_eyes = '{}' WHERE tenant_id = $1 AND environment = $2", [
      controlPlane.tenantId,
      environment,
    ]);
    return asked.body;
  }
  const body = { api_id, targets: { environments: [environment] }, revision: 1 };
  return (await controlPlane.call<Approval>('createDeployment', { body, token: secret })).body;
};
/** What asks for a deployment where a second person is demanded for one. */
const askingForDeployment: Sample = async (controlPlane) => {
  const environment = `env-${randomUUID().slice(0, 8)}`;
  const { api_id } = await defineApi(controlPlane);
  await controlPlane.call('setEnvironment', { path: { environment }, body: { four_eyes: ['deployments'] } });
  const body = { api_id, targets: { environments: [environment] }, revision: 1 };
  return { body: { operation: 'createDeployment', request: { body } } };
};
const onApproval: Sample = async (controlPlane) => ({ path: { approval_id: (await makeApproval(controlPlane)).approval_id } });
const onDeployment: Sample = async (controlPlane) => ({ path: { deployment_id: (await makeDeployment(controlPlane)).deployment_id } });

const onTeam: Sample = async (controlPlane) => ({ path: { team: (await makeTeam(controlPlane)).name } });
const onTenant: Sample = async (controlPlane) => {
  const { tenant } = await made<MadeTenant>(controlPlane, 'createTenant', { body: { name: `t-${randomUUID()}` } });
  return { path: { tenant_id: tenant.tenant_id } };
};

/** One call that succeeds for each operation of the management API, by its name. */
export const samples: Readonly<Record<string, Sample>> = {
  listGateways: async () => ({ query: { gateway_mode: 'connect', environment: 'production', liveness: 'online', limit: 2 } }),
  getGatewayModes: nothing,
  streamGatewayEvents: async () => ({ query: { max_s: 1 } }),
  releaseBrake: async (controlPlane) => {
    const environment = slug();
    // A sweep takes away a brake that nothing holds; they are five seconds apart.
    await until('no sweep is near', async () => {
      const [row] = await controlPlane.query<{ fresh: boolean }>(
        "SELECT updated_at > now() - interval '3 seconds' AS fresh FROM control_plane_state WHERE key = 'alive'",
        [],
      );
      return row === undefined || row.fresh;
    });
    await controlPlane.query('INSERT INTO presence_brake (tenant_id, environment, held) VALUES ($1, $2, 4)', [controlPlane.tenantId, environment]);
    return { path: { environment } };
  },
  getControlPlaneMetrics: async () => ({ token: metricsToken }),
  getGateway: onGateway,
  getGatewayDrift: onGateway,
  adoptService: adoptable,
  decommissionGateway: onGateway,
  listGatewayKeys: nothing,
  createGatewayKey: async () => ({
    body: { name: 'sample', environments: ['production'], modes: ['connect'], instance_name: 'kong-01', expires_at: '2099-01-01T00:00:00.000Z' },
  }),
  revokeGatewayKey: async (controlPlane) => ({ path: { key_id: (await controlPlane.mintKey({ environments: ['contract'] })).id } }),
  rotateGatewayKey: async (controlPlane) => ({
    path: { key_id: (await controlPlane.mintKey({ environments: ['contract'] })).id },
    body: { overlap_s: 60 },
  }),
  listApis: nothing,
  createApi: async () => ({ body: apiBody() }),
  getApi: onApi,
  updateApi: async (controlPlane) => ({ ...(await onApi(controlPlane)), body: apiBody() }),
  editApi: async (controlPlane) => ({ ...(await onApi(controlPlane)), body: { name: slug() } }),
  deleteApi: onApi,
  listApiRevisions: onApi,
  getApiRevision: async (controlPlane) => ({ path: { api_id: (await defineApi(controlPlane)).api_id, revision: '1' } }),
  listPolicies: nothing,
  createPolicy: async () => ({ body: policyBody() }),
  getPolicy: onPolicy,
  updatePolicy: async (controlPlane) => ({ ...(await onPolicy(controlPlane)), body: policyBody() }),
  deletePolicy: onPolicy,
  listConsumers: nothing,
  createConsumer: async () => ({ body: { name: slug(), labels: { team: 'support' } } }),
  getConsumer: onConsumer,
  editConsumer: async (controlPlane) => ({ ...(await onConsumer(controlPlane)), body: { name: slug() } }),
  deleteConsumer: onConsumer,
  eraseConsumer: async (controlPlane) => ({ body: { name: (await makeConsumer(controlPlane)).name } }),
  listConsumerKeys: onConsumer,
  createConsumerKey: async (controlPlane) => ({ ...(await onConsumer(controlPlane)), body: {} }),
  revokeConsumerKey: async (controlPlane) => ({ path: await makeConsumerKey(controlPlane) }),
  rotateConsumerKey: async (controlPlane) => ({ path: await makeConsumerKey(controlPlane), body: {} }),
  listPlans: nothing,
  createPlan: async (controlPlane) => ({
    body: { name: slug(), api_ids: [(await defineApi(controlPlane)).api_id], policy_ids: [(await makePolicy(controlPlane)).policy_id] },
  }),
  getPlan: onPlan,
  editPlan: async (controlPlane) => ({ ...(await onPlan(controlPlane)), body: { labels: { tier: 'gold' } } }),
  deletePlan: onPlan,
  listTrustedIssuers: nothing,
  createTrustedIssuer: async () => ({ body: issuerBody() }),
  getTrustedIssuer: onIssuer,
  updateTrustedIssuer: async (controlPlane) => ({ ...(await onIssuer(controlPlane)), body: issuerBody() }),
  deleteTrustedIssuer: onIssuer,
  listMcpServers: nothing,
  createMcpServer: async () => ({ body: mcpServerBody() }),
  getMcpServer: onMcpServer,
  updateMcpServer: async (controlPlane) => ({ ...(await onMcpServer(controlPlane)), body: mcpServerBody() }),
  deleteMcpServer: onMcpServer,
  listMcpDefinitions: onMcpServer,
  approveMcpDefinitions: pendingDefinition,
  rejectMcpDefinitions: pendingDefinition,
  listToolSets: nothing,
  createToolSet: async (controlPlane) => ({ body: await toolSetBody(controlPlane) }),
  getToolSet: onToolSet,
  updateToolSet: async (controlPlane) => ({ ...(await onToolSet(controlPlane)), body: await toolSetBody(controlPlane) }),
  deleteToolSet: onToolSet,
  listSubscriptions: nothing,
  createSubscription: async (controlPlane) => ({
    body: { api_id: (await defineApi(controlPlane)).api_id, consumer_name: (await makeConsumer(controlPlane)).name },
  }),
  getSubscription: onSubscription,
  deleteSubscription: onSubscription,
  listDeployments: nothing,
  createDeployment: async (controlPlane) => ({
    body: { api_id: (await defineApi(controlPlane)).api_id, targets: { modes: ['connect'] }, revision: 1 },
  }),
  getDeployment: onDeployment,
  updateDeployment: async (controlPlane) => ({ ...(await onDeployment(controlPlane)), body: { revision: 1 } }),
  deleteDeployment: onDeployment,
  promoteDeployment: async (controlPlane) => ({
    path: { deployment_id: (await makeDeployment(controlPlane)).deployment_id },
    body: { environment: 'production' },
  }),
  listEnvironments: nothing,
  getEnvironment: async () => ({ path: { environment: 'production' } }),
  setEnvironment: async () => ({ path: { environment: `env-${randomUUID().slice(0, 8)}` }, body: { four_eyes: [] } }),
  createApproval: askingForDeployment,
  listApprovals: async () => ({ query: { state: 'pending' } }),
  getApproval: onApproval,
  approveApproval: async (controlPlane) => ({ ...(await onApproval(controlPlane)), body: {} }),
  denyApproval: async (controlPlane) => ({ ...(await onApproval(controlPlane)), body: { reason: 'Not today' } }),
  getUsage: async () => ({ query: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' } }),
  listAudit: async () => ({ query: { kind: 'change', limit: 2, since: '2026-01-01T00:00:00.000Z' } }),
  verifyAudit: nothing,
  exportAudit: nothing,
  getAuditKeys: nothing,
  listOperatorTokens: nothing,
  getOperatorToken: async (controlPlane) => ({ path: { token_id: (await makeToken(controlPlane)).token.token_id } }),
  // Whoever may mint tokens may mint this one.
  createOperatorToken: async () => ({ body: { name: 'sample', role: 'admin', scopes: ['tokens.write'] } }),
  listPersonalTokens: asPerson,
  createPersonalToken: async (controlPlane) => ({ ...(await asPerson(controlPlane)), body: { name: 'sample', scopes: ['apis.read'] } }),
  revokePersonalToken: async (controlPlane) => {
    const person = await asPerson(controlPlane);
    const { body } = await controlPlane.call<MintedPersonalToken>('createPersonalToken', { ...person, body: { name: 'sample' } });
    return { ...person, path: { token_id: body.token.token_id } };
  },
  listServiceAccounts: nothing,
  createServiceAccount: async () => ({ body: serviceAccountBody() }),
  getServiceAccount: onServiceAccount,
  editServiceAccount: async (controlPlane) => ({ ...(await onServiceAccount(controlPlane)), body: { description: 'a sample' } }),
  rotateServiceAccount: async (controlPlane) => ({ ...(await onServiceAccount(controlPlane)), body: {} }),
  deleteServiceAccount: onServiceAccount,
  getClientRule: nothing,
  setClientRule: async () => ({ body: { admits: 'everybody' } }),
  listUsers: nothing,
  getUser: onUser,
  editUser: async (controlPlane) => ({ ...(await onUser(controlPlane)), body: { roles: ['operator'], state: 'disabled' } }),
  removeUser: onUser,
  createResetLink: onUser,
  getSignIn: async () => ({ token: null }),
  listTeams: nothing,
  createTeam: async () => ({ body: { name: slug(), description: 'Sells', members: [] } }),
  getTeam: onTeam,
  editTeam: async (controlPlane) => ({ ...(await onTeam(controlPlane)), body: { description: null } }),
  deleteTeam: onTeam,
  listTenants: nothing,
  createTenant: async () => ({ body: { name: slug(), limits: { apis: 5 } } }),
  getTenant: onTenant,
  createOwnerLink: onTenant,
  editTenant: async (controlPlane) => ({ ...(await onTenant(controlPlane)), body: { suspended: true } }),
  deleteTenant: async (controlPlane) => {
    const on = await onTenant(controlPlane);
    await controlPlane.call('editTenant', { ...on, body: { suspended: true } });
    return on;
  },
  createInvitation: async () => ({ body: { roles: ['viewer'] } }),
  listInvitations: nothing,
  revokeInvitation: async (controlPlane) => ({
    path: { invitation_id: (await made<Invitation>(controlPlane, 'createInvitation', { body: { roles: ['viewer'] } })).invitation_id ?? '' },
  }),
  revokeOperatorToken: async (controlPlane) => ({ path: { token_id: (await makeToken(controlPlane)).token.token_id } }),
  createSignInLink: nothing,
  createSession: async (controlPlane) => {
    const { url } = await made<SignInLink>(controlPlane, 'createSignInLink', {});
    return { body: { code: new URLSearchParams(new URL(url).hash.slice(1)).get('code') }, token: null };
  },
  getSession: nothing,
  deleteSession: nothing,
  getHealth: async () => ({ token: null }),
  getReadiness: async () => ({ token: null }),
  getVersion: async () => ({ token: null }),
};
