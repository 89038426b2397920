// DO NOT EDIT. Made from openapi/{registration,control-plane}.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
import type { operations } from './control-plane.types.ts';

type Parameters<Operation> = Operation extends { parameters: infer P } ? P : never;
type Part<P, Key extends string> = P extends { [K in Key]: infer V } ? V : P extends { [K in Key]?: infer V } ? NonNullable<V> | Record<string, never> : Record<string, never>;
type Body<Operation> = Operation extends { requestBody: { content: infer C } } ? C[keyof C] : undefined;
type Content<R> = R extends { content: infer C } ? (C extends Record<string, never> ? undefined : C[keyof C]) : undefined;
type SuccessStatus = 200 | 201 | 202 | 204 | 304;

/** What a handler is given: the validated parts of a request. */
export type Input<Operation> = {
  readonly path: Part<Parameters<Operation>, 'path'>;
  readonly query: Part<Parameters<Operation>, 'query'>;
  readonly headers: Part<Parameters<Operation>, 'header'>;
  readonly body: Body<Operation>;
};

/** What a handler answers: one of the documented successes. Failures are thrown. */
export type Reply<Operation> = Operation extends { responses: infer R }
  ? { [Status in keyof R & SuccessStatus]: Content<R[Status]> extends undefined
      ? { readonly status: Status; readonly headers?: Readonly<Record<string, string>> }
      : { readonly status: Status; readonly body: Content<R[Status]>; readonly headers?: Readonly<Record<string, string>> }
    }[keyof R & SuccessStatus]
  : never;

export type Handler<Operation, Context> = (input: Input<Operation>, context: Context) => Promise<Reply<Operation>>;

export type ControlPlaneHandlers<Context> = {
  /** POST /v1/internal/gateways/{gateway_id}/config/ack: Report what became of a generation */
  readonly ackGatewayConfig: Handler<operations['ackGatewayConfig'], Context>;
  /** POST /v1/gateways/{gateway_id}/adoptions: Take over a service of a gateway */
  readonly adoptService: Handler<operations['adoptService'], Context>;
  /** POST /v1/internal/gateways/{gateway_id}/dry-run: Answer a dry run */
  readonly answerDryRun: Handler<operations['answerDryRun'], Context>;
  /** POST /v1/approvals/{approval_id}/approve: Approve a change */
  readonly approveApproval: Handler<operations['approveApproval'], Context>;
  /** POST /v1/mcp-servers/{mcp_server_id}/approve: Approve what an MCP server offers */
  readonly approveMcpDefinitions: Handler<operations['approveMcpDefinitions'], Context>;
  /** POST /v1/internal/gateways/{gateway_id}/call-approvals: Ask whether a call was approved */
  readonly askCallApproval: Handler<operations['askCallApproval'], Context>;
  /** POST /v1/apis: Define an API */
  readonly createApi: Handler<operations['createApi'], Context>;
  /** POST /v1/approvals: Ask for an approval */
  readonly createApproval: Handler<operations['createApproval'], Context>;
  /** POST /v1/consumers: Define a consumer */
  readonly createConsumer: Handler<operations['createConsumer'], Context>;
  /** POST /v1/consumers/{consumer_id}/keys: Mint a consumer key */
  readonly createConsumerKey: Handler<operations['createConsumerKey'], Context>;
  /** POST /v1/deployments: Deploy an API */
  readonly createDeployment: Handler<operations['createDeployment'], Context>;
  /** POST /v1/gateway-keys: Mint a gateway key */
  readonly createGatewayKey: Handler<operations['createGatewayKey'], Context>;
  /** POST /v1/invitations: Invite somebody into the tenant */
  readonly createInvitation: Handler<operations['createInvitation'], Context>;
  /** POST /v1/mcp-servers: Register an MCP server */
  readonly createMcpServer: Handler<operations['createMcpServer'], Context>;
  /** POST /v1/operator-tokens: Mint an operator token */
  readonly createOperatorToken: Handler<operations['createOperatorToken'], Context>;
  /** POST /v1/tenants/{tenant_id}/owner-links: Make a link for a tenant's first owner */
  readonly createOwnerLink: Handler<operations['createOwnerLink'], Context>;
  /** POST /v1/users/me/tokens: Make a personal access token */
  readonly createPersonalToken: Handler<operations['createPersonalToken'], Context>;
  /** POST /v1/plans: Define a plan */
  readonly createPlan: Handler<operations['createPlan'], Context>;
  /** POST /v1/policies: Define a policy */
  readonly createPolicy: Handler<operations['createPolicy'], Context>;
  /** POST /v1/users/{user_id}/reset-link: Make a link to a new password */
  readonly createResetLink: Handler<operations['createResetLink'], Context>;
  /** POST /v1/service-accounts: Make a service account */
  readonly createServiceAccount: Handler<operations['createServiceAccount'], Context>;
  /** POST /v1/session: Sign a browser in */
  readonly createSession: Handler<operations['createSession'], Context>;
  /** POST /v1/sign-in-links: Make a sign-in link */
  readonly createSignInLink: Handler<operations['createSignInLink'], Context>;
  /** POST /v1/subscriptions: Subscribe a consumer to an API or a plan */
  readonly createSubscription: Handler<operations['createSubscription'], Context>;
  /** POST /v1/teams: Make a team */
  readonly createTeam: Handler<operations['createTeam'], Context>;
  /** POST /v1/tenants: Make a tenant */
  readonly createTenant: Handler<operations['createTenant'], Context>;
  /** POST /v1/tool-sets: Make a tool set */
  readonly createToolSet: Handler<operations['createToolSet'], Context>;
  /** POST /v1/trusted-issuers: Trust an issuer */
  readonly createTrustedIssuer: Handler<operations['createTrustedIssuer'], Context>;
  /** DELETE /v1/gateways/{gateway_id}: Decommission a gateway */
  readonly decommissionGateway: Handler<operations['decommissionGateway'], Context>;
  /** DELETE /v1/apis/{api_id}: Delete an API */
  readonly deleteApi: Handler<operations['deleteApi'], Context>;
  /** DELETE /v1/consumers/{consumer_id}: Delete a consumer */
  readonly deleteConsumer: Handler<operations['deleteConsumer'], Context>;
  /** DELETE /v1/deployments/{deployment_id}: End a deployment */
  readonly deleteDeployment: Handler<operations['deleteDeployment'], Context>;
  /** DELETE /v1/mcp-servers/{mcp_server_id}: Delete an MCP server */
  readonly deleteMcpServer: Handler<operations['deleteMcpServer'], Context>;
  /** DELETE /v1/plans/{plan_id}: Delete a plan */
  readonly deletePlan: Handler<operations['deletePlan'], Context>;
  /** DELETE /v1/policies/{policy_id}: Delete a policy */
  readonly deletePolicy: Handler<operations['deletePolicy'], Context>;
  /** DELETE /v1/service-accounts/{service_account_id}: Delete a service account */
  readonly deleteServiceAccount: Handler<operations['deleteServiceAccount'], Context>;
  /** DELETE /v1/session: Sign out */
  readonly deleteSession: Handler<operations['deleteSession'], Context>;
  /** DELETE /v1/subscriptions/{subscription_id}: Withdraw a subscription */
  readonly deleteSubscription: Handler<operations['deleteSubscription'], Context>;
  /** DELETE /v1/teams/{team}: Delete a team */
  readonly deleteTeam: Handler<operations['deleteTeam'], Context>;
  /** DELETE /v1/tenants/{tenant_id}: Delete a tenant */
  readonly deleteTenant: Handler<operations['deleteTenant'], Context>;
  /** DELETE /v1/tool-sets/{tool_set_id}: Delete a tool set */
  readonly deleteToolSet: Handler<operations['deleteToolSet'], Context>;
  /** DELETE /v1/trusted-issuers/{trusted_issuer_id}: Trust an issuer no more */
  readonly deleteTrustedIssuer: Handler<operations['deleteTrustedIssuer'], Context>;
  /** POST /v1/approvals/{approval_id}/deny: Deny a change */
  readonly denyApproval: Handler<operations['denyApproval'], Context>;
  /** DELETE /v1/internal/gateways/{gateway_id}: Deregister */
  readonly deregisterGateway: Handler<operations['deregisterGateway'], Context>;
  /** PATCH /v1/apis/{api_id}: Edit an API */
  readonly editApi: Handler<operations['editApi'], Context>;
  /** PATCH /v1/consumers/{consumer_id}: Edit a consumer */
  readonly editConsumer: Handler<operations['editConsumer'], Context>;
  /** PATCH /v1/plans/{plan_id}: Edit a plan */
  readonly editPlan: Handler<operations['editPlan'], Context>;
  /** PATCH /v1/service-accounts/{service_account_id}: Edit a service account */
  readonly editServiceAccount: Handler<operations['editServiceAccount'], Context>;
  /** PATCH /v1/teams/{team}: Change a team */
  readonly editTeam: Handler<operations['editTeam'], Context>;
  /** PATCH /v1/tenants/{tenant_id}: Rename, limit, suspend or resume a tenant */
  readonly editTenant: Handler<operations['editTenant'], Context>;
  /** PATCH /v1/users/{user_id}: Change what a person is in the tenant */
  readonly editUser: Handler<operations['editUser'], Context>;
  /** POST /v1/consumers/erase: Erase a consumer */
  readonly eraseConsumer: Handler<operations['eraseConsumer'], Context>;
  /** GET /v1/audit/export: Export the audit */
  readonly exportAudit: Handler<operations['exportAudit'], Context>;
  /** GET /v1/apis/{api_id}: Get an API */
  readonly getApi: Handler<operations['getApi'], Context>;
  /** GET /v1/apis/{api_id}/revisions/{revision}: Get a revision of an API */
  readonly getApiRevision: Handler<operations['getApiRevision'], Context>;
  /** GET /v1/approvals/{approval_id}: Get an approval */
  readonly getApproval: Handler<operations['getApproval'], Context>;
  /** GET /v1/audit/keys: Show the keys of checkpoints */
  readonly getAuditKeys: Handler<operations['getAuditKeys'], Context>;
  /** GET /v1/client-rule: Tell which clients people may let in */
  readonly getClientRule: Handler<operations['getClientRule'], Context>;
  /** GET /v1/internal/gateways/{gateway_id}/config/items/{hash}: Read one item of the desired state */
  readonly getConfigItem: Handler<operations['getConfigItem'], Context>;
  /** GET /v1/consumers/{consumer_id}: Get a consumer */
  readonly getConsumer: Handler<operations['getConsumer'], Context>;
  /** GET /metrics: Export the metrics of the Control Plane */
  readonly getControlPlaneMetrics: Handler<operations['getControlPlaneMetrics'], Context>;
  /** GET /v1/deployments/{deployment_id}: Get a deployment */
  readonly getDeployment: Handler<operations['getDeployment'], Context>;
  /** GET /v1/environments/{environment}: Get an environment */
  readonly getEnvironment: Handler<operations['getEnvironment'], Context>;
  /** GET /v1/gateways/{gateway_id}: Get a gateway */
  readonly getGateway: Handler<operations['getGateway'], Context>;
  /** GET /v1/internal/gateways/{gateway_id}/config: Read the desired state of a gateway */
  readonly getGatewayConfig: Handler<operations['getGatewayConfig'], Context>;
  /** GET /v1/gateways/{gateway_id}/drift: Get the drift of a gateway */
  readonly getGatewayDrift: Handler<operations['getGatewayDrift'], Context>;
  /** GET /v1/gateways/modes: Show the fleet by mode */
  readonly getGatewayModes: Handler<operations['getGatewayModes'], Context>;
  /** GET /healthz: Tell whether the process is alive */
  readonly getHealth: Handler<operations['getHealth'], Context>;
  /** GET /v1/mcp-servers/{mcp_server_id}: Get an MCP server */
  readonly getMcpServer: Handler<operations['getMcpServer'], Context>;
  /** GET /v1/operator-tokens/{token_id}: Get an operator token */
  readonly getOperatorToken: Handler<operations['getOperatorToken'], Context>;
  /** GET /v1/plans/{plan_id}: Get a plan */
  readonly getPlan: Handler<operations['getPlan'], Context>;
  /** GET /v1/policies/{policy_id}: Get a policy */
  readonly getPolicy: Handler<operations['getPolicy'], Context>;
  /** GET /readyz: Tell whether the process can do its work */
  readonly getReadiness: Handler<operations['getReadiness'], Context>;
  /** GET /v1/service-accounts/{service_account_id}: Get a service account */
  readonly getServiceAccount: Handler<operations['getServiceAccount'], Context>;
  /** GET /v1/session: Show who is signed in */
  readonly getSession: Handler<operations['getSession'], Context>;
  /** GET /v1/sign-in: Tell where people sign in */
  readonly getSignIn: Handler<operations['getSignIn'], Context>;
  /** GET /v1/subscriptions/{subscription_id}: Get a subscription */
  readonly getSubscription: Handler<operations['getSubscription'], Context>;
  /** GET /v1/teams/{team}: Show a team */
  readonly getTeam: Handler<operations['getTeam'], Context>;
  /** GET /v1/tenants/{tenant_id}: Show a tenant */
  readonly getTenant: Handler<operations['getTenant'], Context>;
  /** GET /v1/tool-sets/{tool_set_id}: Get a tool set */
  readonly getToolSet: Handler<operations['getToolSet'], Context>;
  /** GET /v1/trusted-issuers/{trusted_issuer_id}: Get a trusted issuer */
  readonly getTrustedIssuer: Handler<operations['getTrustedIssuer'], Context>;
  /** GET /v1/usage: Sum up metered calls */
  readonly getUsage: Handler<operations['getUsage'], Context>;
  /** GET /v1/users/{user_id}: Show a person of the tenant */
  readonly getUser: Handler<operations['getUser'], Context>;
  /** GET /version: Tell what is running */
  readonly getVersion: Handler<operations['getVersion'], Context>;
  /** POST /v1/internal/gateways/{gateway_id}/heartbeat: Report that an instance is alive */
  readonly heartbeat: Handler<operations['heartbeat'], Context>;
  /** GET /v1/apis/{api_id}/revisions: List the revisions of an API */
  readonly listApiRevisions: Handler<operations['listApiRevisions'], Context>;
  /** GET /v1/apis: List APIs */
  readonly listApis: Handler<operations['listApis'], Context>;
  /** GET /v1/approvals: List approvals */
  readonly listApprovals: Handler<operations['listApprovals'], Context>;
  /** GET /v1/audit: List the audit */
  readonly listAudit: Handler<operations['listAudit'], Context>;
  /** GET /v1/consumers/{consumer_id}/keys: List the keys of a consumer */
  readonly listConsumerKeys: Handler<operations['listConsumerKeys'], Context>;
  /** GET /v1/consumers: List consumers */
  readonly listConsumers: Handler<operations['listConsumers'], Context>;
  /** GET /v1/deployments: List deployments */
  readonly listDeployments: Handler<operations['listDeployments'], Context>;
  /** GET /v1/environments: List environments */
  readonly listEnvironments: Handler<operations['listEnvironments'], Context>;
  /** GET /v1/gateway-keys: List gateway keys */
  readonly listGatewayKeys: Handler<operations['listGatewayKeys'], Context>;
  /** GET /v1/gateways: List gateways */
  readonly listGateways: Handler<operations['listGateways'], Context>;
  /** GET /v1/invitations: List invitations */
  readonly listInvitations: Handler<operations['listInvitations'], Context>;
  /** GET /v1/mcp-servers/{mcp_server_id}/definitions: List what an MCP server offers */
  readonly listMcpDefinitions: Handler<operations['listMcpDefinitions'], Context>;
  /** GET /v1/mcp-servers: List MCP servers */
  readonly listMcpServers: Handler<operations['listMcpServers'], Context>;
  /** GET /v1/operator-tokens: List operator tokens */
  readonly listOperatorTokens: Handler<operations['listOperatorTokens'], Context>;
  /** GET /v1/users/me/tokens: List your personal access tokens */
  readonly listPersonalTokens: Handler<operations['listPersonalTokens'], Context>;
  /** GET /v1/plans: List plans */
  readonly listPlans: Handler<operations['listPlans'], Context>;
  /** GET /v1/policies: List policies */
  readonly listPolicies: Handler<operations['listPolicies'], Context>;
  /** GET /v1/service-accounts: List service accounts */
  readonly listServiceAccounts: Handler<operations['listServiceAccounts'], Context>;
  /** GET /v1/subscriptions: List subscriptions */
  readonly listSubscriptions: Handler<operations['listSubscriptions'], Context>;
  /** GET /v1/teams: List teams */
  readonly listTeams: Handler<operations['listTeams'], Context>;
  /** GET /v1/tenants: List tenants */
  readonly listTenants: Handler<operations['listTenants'], Context>;
  /** GET /v1/tool-sets: List tool sets */
  readonly listToolSets: Handler<operations['listToolSets'], Context>;
  /** GET /v1/trusted-issuers: List trusted issuers */
  readonly listTrustedIssuers: Handler<operations['listTrustedIssuers'], Context>;
  /** GET /v1/users: List the people of the tenant */
  readonly listUsers: Handler<operations['listUsers'], Context>;
  /** POST /v1/deployments/{deployment_id}/promote: Promote a deployment to another environment */
  readonly promoteDeployment: Handler<operations['promoteDeployment'], Context>;
  /** POST /v1/internal/gateways/register: Register an instance */
  readonly registerGateway: Handler<operations['registerGateway'], Context>;
  /** POST /v1/mcp-servers/{mcp_server_id}/reject: Reject what an MCP server offers */
  readonly rejectMcpDefinitions: Handler<operations['rejectMcpDefinitions'], Context>;
  /** DELETE /v1/gateways/brakes/{environment}: Release the brake of an environment */
  readonly releaseBrake: Handler<operations['releaseBrake'], Context>;
  /** DELETE /v1/users/{user_id}: Remove a person from the tenant */
  readonly removeUser: Handler<operations['removeUser'], Context>;
  /** PUT /v1/internal/gateways/{gateway_id}/mcp-servers/{mcp_server_id}: Report what an MCP server offers */
  readonly reportMcpServer: Handler<operations['reportMcpServer'], Context>;
  /** PUT /v1/internal/gateways/{gateway_id}/observed: Report what a third-party gateway holds */
  readonly reportObservedState: Handler<operations['reportObservedState'], Context>;
  /** POST /v1/internal/gateways/{gateway_id}/usage: Report metered calls */
  readonly reportUsage: Handler<operations['reportUsage'], Context>;
  /** DELETE /v1/consumers/{consumer_id}/keys/{key_id}: Revoke a consumer key */
  readonly revokeConsumerKey: Handler<operations['revokeConsumerKey'], Context>;
  /** DELETE /v1/gateway-keys/{key_id}: Revoke a gateway key */
  readonly revokeGatewayKey: Handler<operations['revokeGatewayKey'], Context>;
  /** DELETE /v1/invitations/{invitation_id}: Revoke an invitation */
  readonly revokeInvitation: Handler<operations['revokeInvitation'], Context>;
  /** DELETE /v1/operator-tokens/{token_id}: Revoke an operator token */
  readonly revokeOperatorToken: Handler<operations['revokeOperatorToken'], Context>;
  /** DELETE /v1/users/me/tokens/{token_id}: Revoke one of your personal access tokens */
  readonly revokePersonalToken: Handler<operations['revokePersonalToken'], Context>;
  /** POST /v1/consumers/{consumer_id}/keys/{key_id}/rotate: Rotate a consumer key */
  readonly rotateConsumerKey: Handler<operations['rotateConsumerKey'], Context>;
  /** POST /v1/gateway-keys/{key_id}/rotate: Rotate a gateway key */
  readonly rotateGatewayKey: Handler<operations['rotateGatewayKey'], Context>;
  /** POST /v1/service-accounts/{service_account_id}/rotate: Rotate the secret of a service account */
  readonly rotateServiceAccount: Handler<operations['rotateServiceAccount'], Context>;
  /** PUT /v1/client-rule: Say which clients people may let in */
  readonly setClientRule: Handler<operations['setClientRule'], Context>;
  /** PUT /v1/environments/{environment}: Set what an environment demands */
  readonly setEnvironment: Handler<operations['setEnvironment'], Context>;
  /** GET /v1/gateways/events: Follow the fleet */
  readonly streamGatewayEvents: Handler<operations['streamGatewayEvents'], Context>;
  /** GET /v1/internal/gateways/{gateway_id}/dry-run: Ask for a dry run */
  readonly takeDryRun: Handler<operations['takeDryRun'], Context>;
  /** PUT /v1/apis/{api_id}: Update an API */
  readonly updateApi: Handler<operations['updateApi'], Context>;
  /** PATCH /v1/deployments/{deployment_id}: Change a deployment */
  readonly updateDeployment: Handler<operations['updateDeployment'], Context>;
  /** PUT /v1/mcp-servers/{mcp_server_id}: Replace an MCP server */
  readonly updateMcpServer: Handler<operations['updateMcpServer'], Context>;
  /** PUT /v1/policies/{policy_id}: Update a policy */
  readonly updatePolicy: Handler<operations['updatePolicy'], Context>;
  /** PUT /v1/tool-sets/{tool_set_id}: Replace a tool set */
  readonly updateToolSet: Handler<operations['updateToolSet'], Context>;
  /** PUT /v1/trusted-issuers/{trusted_issuer_id}: Change how an issuer is trusted */
  readonly updateTrustedIssuer: Handler<operations['updateTrustedIssuer'], Context>;
  /** GET /v1/audit/verification: Verify the audit */
  readonly verifyAudit: Handler<operations['verifyAudit'], Context>;
};
