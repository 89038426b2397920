// DO NOT EDIT. Made from openapi/{registration,control-plane}.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
import createClient from 'openapi-fetch';
import type { Client, ClientOptions, FetchOptions } from 'openapi-fetch';
import type { paths } from './control-plane.types.ts';

/** The operations over fetch, or over another that is given in its place. */
export const createControlPlaneClient = (options: ClientOptions): ControlPlaneClient => controlPlaneOperations(createClient<paths>(options));

/**
 * The operations of the Control Plane by operationId. Each resolves to `{ data, error, response }`: `data` on success, `error` (a
 * Problem) otherwise; it rejects when there is no answer.
 */
export function controlPlaneOperations(client: Client<paths>) {
  return {
    /** POST /v1/internal/gateways/{gateway_id}/config/ack: Report what became of a generation */
    ackGatewayConfig: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/config/ack']['post']>) => client.POST('/v1/internal/gateways/{gateway_id}/config/ack', init),
    /** POST /v1/gateways/{gateway_id}/adoptions: Take over a service of a gateway */
    adoptService: (init: FetchOptions<paths['/v1/gateways/{gateway_id}/adoptions']['post']>) => client.POST('/v1/gateways/{gateway_id}/adoptions', init),
    /** POST /v1/internal/gateways/{gateway_id}/dry-run: Answer a dry run */
    answerDryRun: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/dry-run']['post']>) => client.POST('/v1/internal/gateways/{gateway_id}/dry-run', init),
    /** POST /v1/approvals/{approval_id}/approve: Approve a change */
    approveApproval: (init: FetchOptions<paths['/v1/approvals/{approval_id}/approve']['post']>) => client.POST('/v1/approvals/{approval_id}/approve', init),
    /** POST /v1/mcp-servers/{mcp_server_id}/approve: Approve what an MCP server offers */
    approveMcpDefinitions: (init: FetchOptions<paths['/v1/mcp-servers/{mcp_server_id}/approve']['post']>) => client.POST('/v1/mcp-servers/{mcp_server_id}/approve', init),
    /** POST /v1/internal/gateways/{gateway_id}/call-approvals: Ask whether a call was approved */
    askCallApproval: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/call-approvals']['post']>) => client.POST('/v1/internal/gateways/{gateway_id}/call-approvals', init),
    /** POST /v1/apis: Define an API */
    createApi: (init: FetchOptions<paths['/v1/apis']['post']>) => client.POST('/v1/apis', init),
    /** POST /v1/approvals: Ask for an approval */
    createApproval: (init: FetchOptions<paths['/v1/approvals']['post']>) => client.POST('/v1/approvals', init),
    /** POST /v1/consumers: Define a consumer */
    createConsumer: (init: FetchOptions<paths['/v1/consumers']['post']>) => client.POST('/v1/consumers', init),
    /** POST /v1/consumers/{consumer_id}/keys: Mint a consumer key */
    createConsumerKey: (init: FetchOptions<paths['/v1/consumers/{consumer_id}/keys']['post']>) => client.POST('/v1/consumers/{consumer_id}/keys', init),
    /** POST /v1/deployments: Deploy an API */
    createDeployment: (init: FetchOptions<paths['/v1/deployments']['post']>) => client.POST('/v1/deployments', init),
    /** POST /v1/gateway-keys: Mint a gateway key */
    createGatewayKey: (init: FetchOptions<paths['/v1/gateway-keys']['post']>) => client.POST('/v1/gateway-keys', init),
    /** POST /v1/invitations: Invite somebody into the tenant */
    createInvitation: (init: FetchOptions<paths['/v1/invitations']['post']>) => client.POST('/v1/invitations', init),
    /** POST /v1/mcp-servers: Register an MCP server */
    createMcpServer: (init: FetchOptions<paths['/v1/mcp-servers']['post']>) => client.POST('/v1/mcp-servers', init),
    /** POST /v1/operator-tokens: Mint an operator token */
    createOperatorToken: (init: FetchOptions<paths['/v1/operator-tokens']['post']>) => client.POST('/v1/operator-tokens', init),
    /** POST /v1/tenants/{tenant_id}/owner-links: Make a link for a tenant's first owner */
    createOwnerLink: (init: FetchOptions<paths['/v1/tenants/{tenant_id}/owner-links']['post']>) => client.POST('/v1/tenants/{tenant_id}/owner-links', init),
    /** POST /v1/users/me/tokens: Make a personal access token */
    createPersonalToken: (init: FetchOptions<paths['/v1/users/me/tokens']['post']>) => client.POST('/v1/users/me/tokens', init),
    /** POST /v1/plans: Define a plan */
    createPlan: (init: FetchOptions<paths['/v1/plans']['post']>) => client.POST('/v1/plans', init),
    /** POST /v1/policies: Define a policy */
    createPolicy: (init: FetchOptions<paths['/v1/policies']['post']>) => client.POST('/v1/policies', init),
    /** POST /v1/users/{user_id}/reset-link: Make a link to a new password */
    createResetLink: (init: FetchOptions<paths['/v1/users/{user_id}/reset-link']['post']>) => client.POST('/v1/users/{user_id}/reset-link', init),
    /** POST /v1/service-accounts: Make a service account */
    createServiceAccount: (init: FetchOptions<paths['/v1/service-accounts']['post']>) => client.POST('/v1/service-accounts', init),
    /** POST /v1/session: Sign a browser in */
    createSession: (init: FetchOptions<paths['/v1/session']['post']>) => client.POST('/v1/session', init),
    /** POST /v1/sign-in-links: Make a sign-in link */
    createSignInLink: (init?: FetchOptions<paths['/v1/sign-in-links']['post']>) => client.POST('/v1/sign-in-links', init),
    /** POST /v1/subscriptions: Subscribe a consumer to an API or a plan */
    createSubscription: (init: FetchOptions<paths['/v1/subscriptions']['post']>) => client.POST('/v1/subscriptions', init),
    /** POST /v1/teams: Make a team */
    createTeam: (init: FetchOptions<paths['/v1/teams']['post']>) => client.POST('/v1/teams', init),
    /** POST /v1/tenants: Make a tenant */
    createTenant: (init: FetchOptions<paths['/v1/tenants']['post']>) => client.POST('/v1/tenants', init),
    /** POST /v1/tool-sets: Make a tool set */
    createToolSet: (init: FetchOptions<paths['/v1/tool-sets']['post']>) => client.POST('/v1/tool-sets', init),
    /** POST /v1/trusted-issuers: Trust an issuer */
    createTrustedIssuer: (init: FetchOptions<paths['/v1/trusted-issuers']['post']>) => client.POST('/v1/trusted-issuers', init),
    /** DELETE /v1/gateways/{gateway_id}: Decommission a gateway */
    decommissionGateway: (init: FetchOptions<paths['/v1/gateways/{gateway_id}']['delete']>) => client.DELETE('/v1/gateways/{gateway_id}', init),
    /** DELETE /v1/apis/{api_id}: Delete an API */
    deleteApi: (init: FetchOptions<paths['/v1/apis/{api_id}']['delete']>) => client.DELETE('/v1/apis/{api_id}', init),
    /** DELETE /v1/consumers/{consumer_id}: Delete a consumer */
    deleteConsumer: (init: FetchOptions<paths['/v1/consumers/{consumer_id}']['delete']>) => client.DELETE('/v1/consumers/{consumer_id}', init),
    /** DELETE /v1/deployments/{deployment_id}: End a deployment */
    deleteDeployment: (init: FetchOptions<paths['/v1/deployments/{deployment_id}']['delete']>) => client.DELETE('/v1/deployments/{deployment_id}', init),
    /** DELETE /v1/mcp-servers/{mcp_server_id}: Delete an MCP server */
    deleteMcpServer: (init: FetchOptions<paths['/v1/mcp-servers/{mcp_server_id}']['delete']>) => client.DELETE('/v1/mcp-servers/{mcp_server_id}', init),
    /** DELETE /v1/plans/{plan_id}: Delete a plan */
    deletePlan: (init: FetchOptions<paths['/v1/plans/{plan_id}']['delete']>) => client.DELETE('/v1/plans/{plan_id}', init),
    /** DELETE /v1/policies/{policy_id}: Delete a policy */
    deletePolicy: (init: FetchOptions<paths['/v1/policies/{policy_id}']['delete']>) => client.DELETE('/v1/policies/{policy_id}', init),
    /** DELETE /v1/service-accounts/{service_account_id}: Delete a service account */
    deleteServiceAccount: (init: FetchOptions<paths['/v1/service-accounts/{service_account_id}']['delete']>) => client.DELETE('/v1/service-accounts/{service_account_id}', init),
    /** DELETE /v1/session: Sign out */
    deleteSession: (init?: FetchOptions<paths['/v1/session']['delete']>) => client.DELETE('/v1/session', init),
    /** DELETE /v1/subscriptions/{subscription_id}: Withdraw a subscription */
    deleteSubscription: (init: FetchOptions<paths['/v1/subscriptions/{subscription_id}']['delete']>) => client.DELETE('/v1/subscriptions/{subscription_id}', init),
    /** DELETE /v1/teams/{team}: Delete a team */
    deleteTeam: (init: FetchOptions<paths['/v1/teams/{team}']['delete']>) => client.DELETE('/v1/teams/{team}', init),
    /** DELETE /v1/tenants/{tenant_id}: Delete a tenant */
    deleteTenant: (init: FetchOptions<paths['/v1/tenants/{tenant_id}']['delete']>) => client.DELETE('/v1/tenants/{tenant_id}', init),
    /** DELETE /v1/tool-sets/{tool_set_id}: Delete a tool set */
    deleteToolSet: (init: FetchOptions<paths['/v1/tool-sets/{tool_set_id}']['delete']>) => client.DELETE('/v1/tool-sets/{tool_set_id}', init),
    /** DELETE /v1/trusted-issuers/{trusted_issuer_id}: Trust an issuer no more */
    deleteTrustedIssuer: (init: FetchOptions<paths['/v1/trusted-issuers/{trusted_issuer_id}']['delete']>) => client.DELETE('/v1/trusted-issuers/{trusted_issuer_id}', init),
    /** POST /v1/approvals/{approval_id}/deny: Deny a change */
    denyApproval: (init: FetchOptions<paths['/v1/approvals/{approval_id}/deny']['post']>) => client.POST('/v1/approvals/{approval_id}/deny', init),
    /** DELETE /v1/internal/gateways/{gateway_id}: Deregister */
    deregisterGateway: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}']['delete']>) => client.DELETE('/v1/internal/gateways/{gateway_id}', init),
    /** PATCH /v1/apis/{api_id}: Edit an API */
    editApi: (init: FetchOptions<paths['/v1/apis/{api_id}']['patch']>) => client.PATCH('/v1/apis/{api_id}', init),
    /** PATCH /v1/consumers/{consumer_id}: Edit a consumer */
    editConsumer: (init: FetchOptions<paths['/v1/consumers/{consumer_id}']['patch']>) => client.PATCH('/v1/consumers/{consumer_id}', init),
    /** PATCH /v1/plans/{plan_id}: Edit a plan */
    editPlan: (init: FetchOptions<paths['/v1/plans/{plan_id}']['patch']>) => client.PATCH('/v1/plans/{plan_id}', init),
    /** PATCH /v1/service-accounts/{service_account_id}: Edit a service account */
    editServiceAccount: (init: FetchOptions<paths['/v1/service-accounts/{service_account_id}']['patch']>) => client.PATCH('/v1/service-accounts/{service_account_id}', init),
    /** PATCH /v1/teams/{team}: Change a team */
    editTeam: (init: FetchOptions<paths['/v1/teams/{team}']['patch']>) => client.PATCH('/v1/teams/{team}', init),
    /** PATCH /v1/tenants/{tenant_id}: Rename, limit, suspend or resume a tenant */
    editTenant: (init: FetchOptions<paths['/v1/tenants/{tenant_id}']['patch']>) => client.PATCH('/v1/tenants/{tenant_id}', init),
    /** PATCH /v1/users/{user_id}: Change what a person is in the tenant */
    editUser: (init: FetchOptions<paths['/v1/users/{user_id}']['patch']>) => client.PATCH('/v1/users/{user_id}', init),
    /** POST /v1/consumers/erase: Erase a consumer */
    eraseConsumer: (init: FetchOptions<paths['/v1/consumers/erase']['post']>) => client.POST('/v1/consumers/erase', init),
    /** GET /v1/audit/export: Export the audit */
    exportAudit: (init?: FetchOptions<paths['/v1/audit/export']['get']>) => client.GET('/v1/audit/export', init),
    /** GET /v1/apis/{api_id}: Get an API */
    getApi: (init: FetchOptions<paths['/v1/apis/{api_id}']['get']>) => client.GET('/v1/apis/{api_id}', init),
    /** GET /v1/apis/{api_id}/revisions/{revision}: Get a revision of an API */
    getApiRevision: (init: FetchOptions<paths['/v1/apis/{api_id}/revisions/{revision}']['get']>) => client.GET('/v1/apis/{api_id}/revisions/{revision}', init),
    /** GET /v1/approvals/{approval_id}: Get an approval */
    getApproval: (init: FetchOptions<paths['/v1/approvals/{approval_id}']['get']>) => client.GET('/v1/approvals/{approval_id}', init),
    /** GET /v1/audit/keys: Show the keys of checkpoints */
    getAuditKeys: (init?: FetchOptions<paths['/v1/audit/keys']['get']>) => client.GET('/v1/audit/keys', init),
    /** GET /v1/client-rule: Tell which clients people may let in */
    getClientRule: (init?: FetchOptions<paths['/v1/client-rule']['get']>) => client.GET('/v1/client-rule', init),
    /** GET /v1/internal/gateways/{gateway_id}/config/items/{hash}: Read one item of the desired state */
    getConfigItem: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/config/items/{hash}']['get']>) => client.GET('/v1/internal/gateways/{gateway_id}/config/items/{hash}', init),
    /** GET /v1/consumers/{consumer_id}: Get a consumer */
    getConsumer: (init: FetchOptions<paths['/v1/consumers/{consumer_id}']['get']>) => client.GET('/v1/consumers/{consumer_id}', init),
    /** GET /metrics: Export the metrics of the Control Plane */
    getControlPlaneMetrics: (init?: FetchOptions<paths['/metrics']['get']>) => client.GET('/metrics', init),
    /** GET /v1/deployments/{deployment_id}: Get a deployment */
    getDeployment: (init: FetchOptions<paths['/v1/deployments/{deployment_id}']['get']>) => client.GET('/v1/deployments/{deployment_id}', init),
    /** GET /v1/environments/{environment}: Get an environment */
    getEnvironment: (init: FetchOptions<paths['/v1/environments/{environment}']['get']>) => client.GET('/v1/environments/{environment}', init),
    /** GET /v1/gateways/{gateway_id}: Get a gateway */
    getGateway: (init: FetchOptions<paths['/v1/gateways/{gateway_id}']['get']>) => client.GET('/v1/gateways/{gateway_id}', init),
    /** GET /v1/internal/gateways/{gateway_id}/config: Read the desired state of a gateway */
    getGatewayConfig: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/config']['get']>) => client.GET('/v1/internal/gateways/{gateway_id}/config', init),
    /** GET /v1/gateways/{gateway_id}/drift: Get the drift of a gateway */
    getGatewayDrift: (init: FetchOptions<paths['/v1/gateways/{gateway_id}/drift']['get']>) => client.GET('/v1/gateways/{gateway_id}/drift', init),
    /** GET /v1/gateways/modes: Show the fleet by mode */
    getGatewayModes: (init?: FetchOptions<paths['/v1/gateways/modes']['get']>) => client.GET('/v1/gateways/modes', init),
    /** GET /healthz: Tell whether the process is alive */
    getHealth: (init?: FetchOptions<paths['/healthz']['get']>) => client.GET('/healthz', init),
    /** GET /v1/mcp-servers/{mcp_server_id}: Get an MCP server */
    getMcpServer: (init: FetchOptions<paths['/v1/mcp-servers/{mcp_server_id}']['get']>) => client.GET('/v1/mcp-servers/{mcp_server_id}', init),
    /** GET /v1/operator-tokens/{token_id}: Get an operator token */
    getOperatorToken: (init: FetchOptions<paths['/v1/operator-tokens/{token_id}']['get']>) => client.GET('/v1/operator-tokens/{token_id}', init),
    /** GET /v1/plans/{plan_id}: Get a plan */
    getPlan: (init: FetchOptions<paths['/v1/plans/{plan_id}']['get']>) => client.GET('/v1/plans/{plan_id}', init),
    /** GET /v1/policies/{policy_id}: Get a policy */
    getPolicy: (init: FetchOptions<paths['/v1/policies/{policy_id}']['get']>) => client.GET('/v1/policies/{policy_id}', init),
    /** GET /readyz: Tell whether the process can do its work */
    getReadiness: (init?: FetchOptions<paths['/readyz']['get']>) => client.GET('/readyz', init),
    /** GET /v1/service-accounts/{service_account_id}: Get a service account */
    getServiceAccount: (init: FetchOptions<paths['/v1/service-accounts/{service_account_id}']['get']>) => client.GET('/v1/service-accounts/{service_account_id}', init),
    /** GET /v1/session: Show who is signed in */
    getSession: (init?: FetchOptions<paths['/v1/session']['get']>) => client.GET('/v1/session', init),
    /** GET /v1/sign-in: Tell where people sign in */
    getSignIn: (init?: FetchOptions<paths['/v1/sign-in']['get']>) => client.GET('/v1/sign-in', init),
    /** GET /v1/subscriptions/{subscription_id}: Get a subscription */
    getSubscription: (init: FetchOptions<paths['/v1/subscriptions/{subscription_id}']['get']>) => client.GET('/v1/subscriptions/{subscription_id}', init),
    /** GET /v1/teams/{team}: Show a team */
    getTeam: (init: FetchOptions<paths['/v1/teams/{team}']['get']>) => client.GET('/v1/teams/{team}', init),
    /** GET /v1/tenants/{tenant_id}: Show a tenant */
    getTenant: (init: FetchOptions<paths['/v1/tenants/{tenant_id}']['get']>) => client.GET('/v1/tenants/{tenant_id}', init),
    /** GET /v1/tool-sets/{tool_set_id}: Get a tool set */
    getToolSet: (init: FetchOptions<paths['/v1/tool-sets/{tool_set_id}']['get']>) => client.GET('/v1/tool-sets/{tool_set_id}', init),
    /** GET /v1/trusted-issuers/{trusted_issuer_id}: Get a trusted issuer */
    getTrustedIssuer: (init: FetchOptions<paths['/v1/trusted-issuers/{trusted_issuer_id}']['get']>) => client.GET('/v1/trusted-issuers/{trusted_issuer_id}', init),
    /** GET /v1/usage: Sum up metered calls */
    getUsage: (init?: FetchOptions<paths['/v1/usage']['get']>) => client.GET('/v1/usage', init),
    /** GET /v1/users/{user_id}: Show a person of the tenant */
    getUser: (init: FetchOptions<paths['/v1/users/{user_id}']['get']>) => client.GET('/v1/users/{user_id}', init),
    /** GET /version: Tell what is running */
    getVersion: (init?: FetchOptions<paths['/version']['get']>) => client.GET('/version', init),
    /** POST /v1/internal/gateways/{gateway_id}/heartbeat: Report that an instance is alive */
    heartbeat: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/heartbeat']['post']>) => client.POST('/v1/internal/gateways/{gateway_id}/heartbeat', init),
    /** GET /v1/apis/{api_id}/revisions: List the revisions of an API */
    listApiRevisions: (init: FetchOptions<paths['/v1/apis/{api_id}/revisions']['get']>) => client.GET('/v1/apis/{api_id}/revisions', init),
    /** GET /v1/apis: List APIs */
    listApis: (init?: FetchOptions<paths['/v1/apis']['get']>) => client.GET('/v1/apis', init),
    /** GET /v1/approvals: List approvals */
    listApprovals: (init?: FetchOptions<paths['/v1/approvals']['get']>) => client.GET('/v1/approvals', init),
    /** GET /v1/audit: List the audit */
    listAudit: (init?: FetchOptions<paths['/v1/audit']['get']>) => client.GET('/v1/audit', init),
    /** GET /v1/consumers/{consumer_id}/keys: List the keys of a consumer */
    listConsumerKeys: (init: FetchOptions<paths['/v1/consumers/{consumer_id}/keys']['get']>) => client.GET('/v1/consumers/{consumer_id}/keys', init),
    /** GET /v1/consumers: List consumers */
    listConsumers: (init?: FetchOptions<paths['/v1/consumers']['get']>) => client.GET('/v1/consumers', init),
    /** GET /v1/deployments: List deployments */
    listDeployments: (init?: FetchOptions<paths['/v1/deployments']['get']>) => client.GET('/v1/deployments', init),
    /** GET /v1/environments: List environments */
    listEnvironments: (init?: FetchOptions<paths['/v1/environments']['get']>) => client.GET('/v1/environments', init),
    /** GET /v1/gateway-keys: List gateway keys */
    listGatewayKeys: (init?: FetchOptions<paths['/v1/gateway-keys']['get']>) => client.GET('/v1/gateway-keys', init),
    /** GET /v1/gateways: List gateways */
    listGateways: (init?: FetchOptions<paths['/v1/gateways']['get']>) => client.GET('/v1/gateways', init),
    /** GET /v1/invitations: List invitations */
    listInvitations: (init?: FetchOptions<paths['/v1/invitations']['get']>) => client.GET('/v1/invitations', init),
    /** GET /v1/mcp-servers/{mcp_server_id}/definitions: List what an MCP server offers */
    listMcpDefinitions: (init: FetchOptions<paths['/v1/mcp-servers/{mcp_server_id}/definitions']['get']>) => client.GET('/v1/mcp-servers/{mcp_server_id}/definitions', init),
    /** GET /v1/mcp-servers: List MCP servers */
    listMcpServers: (init?: FetchOptions<paths['/v1/mcp-servers']['get']>) => client.GET('/v1/mcp-servers', init),
    /** GET /v1/operator-tokens: List operator tokens */
    listOperatorTokens: (init?: FetchOptions<paths['/v1/operator-tokens']['get']>) => client.GET('/v1/operator-tokens', init),
    /** GET /v1/users/me/tokens: List your personal access tokens */
    listPersonalTokens: (init?: FetchOptions<paths['/v1/users/me/tokens']['get']>) => client.GET('/v1/users/me/tokens', init),
    /** GET /v1/plans: List plans */
    listPlans: (init?: FetchOptions<paths['/v1/plans']['get']>) => client.GET('/v1/plans', init),
    /** GET /v1/policies: List policies */
    listPolicies: (init?: FetchOptions<paths['/v1/policies']['get']>) => client.GET('/v1/policies', init),
    /** GET /v1/service-accounts: List service accounts */
    listServiceAccounts: (init?: FetchOptions<paths['/v1/service-accounts']['get']>) => client.GET('/v1/service-accounts', init),
    /** GET /v1/subscriptions: List subscriptions */
    listSubscriptions: (init?: FetchOptions<paths['/v1/subscriptions']['get']>) => client.GET('/v1/subscriptions', init),
    /** GET /v1/teams: List teams */
    listTeams: (init?: FetchOptions<paths['/v1/teams']['get']>) => client.GET('/v1/teams', init),
    /** GET /v1/tenants: List tenants */
    listTenants: (init?: FetchOptions<paths['/v1/tenants']['get']>) => client.GET('/v1/tenants', init),
    /** GET /v1/tool-sets: List tool sets */
    listToolSets: (init?: FetchOptions<paths['/v1/tool-sets']['get']>) => client.GET('/v1/tool-sets', init),
    /** GET /v1/trusted-issuers: List trusted issuers */
    listTrustedIssuers: (init?: FetchOptions<paths['/v1/trusted-issuers']['get']>) => client.GET('/v1/trusted-issuers', init),
    /** GET /v1/users: List the people of the tenant */
    listUsers: (init?: FetchOptions<paths['/v1/users']['get']>) => client.GET('/v1/users', init),
    /** POST /v1/deployments/{deployment_id}/promote: Promote a deployment to another environment */
    promoteDeployment: (init: FetchOptions<paths['/v1/deployments/{deployment_id}/promote']['post']>) => client.POST('/v1/deployments/{deployment_id}/promote', init),
    /** POST /v1/internal/gateways/register: Register an instance */
    registerGateway: (init: FetchOptions<paths['/v1/internal/gateways/register']['post']>) => client.POST('/v1/internal/gateways/register', init),
    /** POST /v1/mcp-servers/{mcp_server_id}/reject: Reject what an MCP server offers */
    rejectMcpDefinitions: (init: FetchOptions<paths['/v1/mcp-servers/{mcp_server_id}/reject']['post']>) => client.POST('/v1/mcp-servers/{mcp_server_id}/reject', init),
    /** DELETE /v1/gateways/brakes/{environment}: Release the brake of an environment */
    releaseBrake: (init: FetchOptions<paths['/v1/gateways/brakes/{environment}']['delete']>) => client.DELETE('/v1/gateways/brakes/{environment}', init),
    /** DELETE /v1/users/{user_id}: Remove a person from the tenant */
    removeUser: (init: FetchOptions<paths['/v1/users/{user_id}']['delete']>) => client.DELETE('/v1/users/{user_id}', init),
    /** PUT /v1/internal/gateways/{gateway_id}/mcp-servers/{mcp_server_id}: Report what an MCP server offers */
    reportMcpServer: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/mcp-servers/{mcp_server_id}']['put']>) => client.PUT('/v1/internal/gateways/{gateway_id}/mcp-servers/{mcp_server_id}', init),
    /** PUT /v1/internal/gateways/{gateway_id}/observed: Report what a third-party gateway holds */
    reportObservedState: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/observed']['put']>) => client.PUT('/v1/internal/gateways/{gateway_id}/observed', init),
    /** POST /v1/internal/gateways/{gateway_id}/usage: Report metered calls */
    reportUsage: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/usage']['post']>) => client.POST('/v1/internal/gateways/{gateway_id}/usage', init),
    /** DELETE /v1/consumers/{consumer_id}/keys/{key_id}: Revoke a consumer key */
    revokeConsumerKey: (init: FetchOptions<paths['/v1/consumers/{consumer_id}/keys/{key_id}']['delete']>) => client.DELETE('/v1/consumers/{consumer_id}/keys/{key_id}', init),
    /** DELETE /v1/gateway-keys/{key_id}: Revoke a gateway key */
    revokeGatewayKey: (init: FetchOptions<paths['/v1/gateway-keys/{key_id}']['delete']>) => client.DELETE('/v1/gateway-keys/{key_id}', init),
    /** DELETE /v1/invitations/{invitation_id}: Revoke an invitation */
    revokeInvitation: (init: FetchOptions<paths['/v1/invitations/{invitation_id}']['delete']>) => client.DELETE('/v1/invitations/{invitation_id}', init),
    /** DELETE /v1/operator-tokens/{token_id}: Revoke an operator token */
    revokeOperatorToken: (init: FetchOptions<paths['/v1/operator-tokens/{token_id}']['delete']>) => client.DELETE('/v1/operator-tokens/{token_id}', init),
    /** DELETE /v1/users/me/tokens/{token_id}: Revoke one of your personal access tokens */
    revokePersonalToken: (init: FetchOptions<paths['/v1/users/me/tokens/{token_id}']['delete']>) => client.DELETE('/v1/users/me/tokens/{token_id}', init),
    /** POST /v1/consumers/{consumer_id}/keys/{key_id}/rotate: Rotate a consumer key */
    rotateConsumerKey: (init: FetchOptions<paths['/v1/consumers/{consumer_id}/keys/{key_id}/rotate']['post']>) => client.POST('/v1/consumers/{consumer_id}/keys/{key_id}/rotate', init),
    /** POST /v1/gateway-keys/{key_id}/rotate: Rotate a gateway key */
    rotateGatewayKey: (init: FetchOptions<paths['/v1/gateway-keys/{key_id}/rotate']['post']>) => client.POST('/v1/gateway-keys/{key_id}/rotate', init),
    /** POST /v1/service-accounts/{service_account_id}/rotate: Rotate the secret of a service account */
    rotateServiceAccount: (init: FetchOptions<paths['/v1/service-accounts/{service_account_id}/rotate']['post']>) => client.POST('/v1/service-accounts/{service_account_id}/rotate', init),
    /** PUT /v1/client-rule: Say which clients people may let in */
    setClientRule: (init: FetchOptions<paths['/v1/client-rule']['put']>) => client.PUT('/v1/client-rule', init),
    /** PUT /v1/environments/{environment}: Set what an environment demands */
    setEnvironment: (init: FetchOptions<paths['/v1/environments/{environment}']['put']>) => client.PUT('/v1/environments/{environment}', init),
    /** GET /v1/gateways/events: Follow the fleet */
    streamGatewayEvents: (init?: FetchOptions<paths['/v1/gateways/events']['get']>) => client.GET('/v1/gateways/events', init),
    /** GET /v1/internal/gateways/{gateway_id}/dry-run: Ask for a dry run */
    takeDryRun: (init: FetchOptions<paths['/v1/internal/gateways/{gateway_id}/dry-run']['get']>) => client.GET('/v1/internal/gateways/{gateway_id}/dry-run', init),
    /** PUT /v1/apis/{api_id}: Update an API */
    updateApi: (init: FetchOptions<paths['/v1/apis/{api_id}']['put']>) => client.PUT('/v1/apis/{api_id}', init),
    /** PATCH /v1/deployments/{deployment_id}: Change a deployment */
    updateDeployment: (init: FetchOptions<paths['/v1/deployments/{deployment_id}']['patch']>) => client.PATCH('/v1/deployments/{deployment_id}', init),
    /** PUT /v1/mcp-servers/{mcp_server_id}: Replace an MCP server */
    updateMcpServer: (init: FetchOptions<paths['/v1/mcp-servers/{mcp_server_id}']['put']>) => client.PUT('/v1/mcp-servers/{mcp_server_id}', init),
    /** PUT /v1/policies/{policy_id}: Update a policy */
    updatePolicy: (init: FetchOptions<paths['/v1/policies/{policy_id}']['put']>) => client.PUT('/v1/policies/{policy_id}', init),
    /** PUT /v1/tool-sets/{tool_set_id}: Replace a tool set */
    updateToolSet: (init: FetchOptions<paths['/v1/tool-sets/{tool_set_id}']['put']>) => client.PUT('/v1/tool-sets/{tool_set_id}', init),
    /** PUT /v1/trusted-issuers/{trusted_issuer_id}: Change how an issuer is trusted */
    updateTrustedIssuer: (init: FetchOptions<paths['/v1/trusted-issuers/{trusted_issuer_id}']['put']>) => client.PUT('/v1/trusted-issuers/{trusted_issuer_id}', init),
    /** GET /v1/audit/verification: Verify the audit */
    verifyAudit: (init?: FetchOptions<paths['/v1/audit/verification']['get']>) => client.GET('/v1/audit/verification', init),
  };
}

export type ControlPlaneClient = ReturnType<typeof controlPlaneOperations>;
