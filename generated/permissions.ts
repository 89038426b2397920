// DO NOT EDIT. Made from openapi/roles.yaml and openapi/{registration,control-plane}.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
import type { OperationId } from './operations.ts';

/** Every permission, with what it allows. */
export const permissions = {
  "apis.read": "Read APIs, their documents and revisions.",
  "apis.write": "Define, change and delete APIs.",
  "policies.read": "Read policies.",
  "policies.write": "Define, change, attach and delete policies.",
  "deployments.read": "Read what is deployed where, and what became of it.",
  "deployments.write": "Deploy APIs, move deployments and end them.",
  "consumers.read": "Read who may call.",
  "consumers.write": "Define, change and delete consumers.",
  "consumer-keys.read": "Read what keys consumers have, without their secrets.",
  "consumer-keys.write": "Mint and revoke keys of consumers.",
  "plans.read": "Read what is offered together, under which limits.",
  "plans.write": "Define, change and delete plans.",
  "issuers.read": "Read whose tokens prove who calls.",
  "issuers.write": "Trust issuers of tokens, and end it.",
  "subscriptions.read": "Read which consumer may call which API.",
  "subscriptions.write": "Subscribe consumers to APIs, and end subscriptions.",
  "gateways.read": "Read the fleet and follow its changes.",
  "gateways.write": "Decommission gateways and release brakes.",
  "gateway-keys.read": "Read what keys gateways register with, without their secrets.",
  "gateway-keys.write": "Mint and revoke gateway keys.",
  "usage.read": "Read metered calls.",
  "audit.read": "Read, verify and export the audit, with who did what from where.",
  "tokens.read": "Read which tokens manage, without their secrets.",
  "tokens.write": "Mint and revoke tokens, with no more rights than one has.",
  "members.read": "Read who belongs to the tenant, and as what.",
  "members.write": "Invite people into the tenant, change what they are there, and remove them, with no more rights than one's own roles give.",
  "environments.read": "Read what environments demand.",
  "environments.write": "Set for what an environment demands a second person.",
  "approvals.read": "Read which changes wait for a second person, and what became of others.",
  "approvals.write": "Approve and deny changes of others that one may make himself.",
  "teams.read": "Read who belongs to which team, and as what.",
  "teams.write": "Make, change and delete teams, and give roles in them, with no more rights than one's own roles give.",
  "tenants.read": "Read which tenants share the Control Plane. In the tenant of the platform alone.",
  "tenants.write": "Make, limit, suspend and delete tenants. In the tenant of the platform alone.",
} as const satisfies Record<string, string>;

/** Every role, with what it is for and what it may. */
export const roles = {
  "owner": {"description":"Has every right in the tenant, and makes other owners.","permissions":["*","apis.read","apis.write","policies.read","policies.write","deployments.read","deployments.write","consumers.read","consumers.write","consumer-keys.read","consumer-keys.write","plans.read","plans.write","issuers.read","issuers.write","subscriptions.read","subscriptions.write","gateways.read","gateways.write","gateway-keys.read","gateway-keys.write","usage.read","audit.read","tokens.read","tokens.write","members.read","members.write","environments.read","environments.write","approvals.read","approvals.write","teams.read","teams.write","tenants.read","tenants.write"]},
  "admin": {"description":"Runs the platform for everybody. Makes no owners.","permissions":["apis.read","apis.write","policies.read","policies.write","plans.read","plans.write","issuers.read","issuers.write","deployments.read","deployments.write","consumers.read","consumers.write","consumer-keys.read","consumer-keys.write","subscriptions.read","subscriptions.write","gateways.read","gateways.write","gateway-keys.read","gateway-keys.write","usage.read","environments.read","environments.write","approvals.read","approvals.write","tokens.read","tokens.write","members.read","members.write","teams.read","teams.write"]},
  "publisher": {"description":"Defines APIs and policies, and deploys.","permissions":["apis.read","apis.write","policies.read","policies.write","plans.read","plans.write","issuers.read","deployments.read","deployments.write","consumers.read","subscriptions.read","gateways.read","usage.read","environments.read","approvals.read","approvals.write"]},
  "operator": {"description":"Runs the gateways and hands out their keys.","permissions":["apis.read","policies.read","plans.read","issuers.read","deployments.read","gateways.read","gateways.write","gateway-keys.read","gateway-keys.write","usage.read","environments.read","approvals.read","approvals.write"]},
  "consumer-admin": {"description":"Decides who may call what, and hands out keys to consumers.","permissions":["apis.read","plans.read","issuers.read","issuers.write","consumers.read","consumers.write","consumer-keys.read","consumer-keys.write","subscriptions.read","subscriptions.write","gateways.read","usage.read","environments.read","approvals.read","approvals.write"]},
  "auditor": {"description":"Reads everything, and changes nothing.","permissions":["apis.read","policies.read","plans.read","issuers.read","deployments.read","consumers.read","consumer-keys.read","subscriptions.read","gateways.read","gateway-keys.read","usage.read","audit.read","environments.read","approvals.read","tokens.read","members.read","teams.read","tenants.read"]},
  "viewer": {"description":"Reads what is defined and what runs.","permissions":["apis.read","policies.read","plans.read","issuers.read","deployments.read","consumers.read","consumer-keys.read","subscriptions.read","gateways.read","gateway-keys.read","usage.read","environments.read","tokens.read"]},
} as const satisfies Record<string, { description: string; permissions: readonly Right[] }>;

export const operationPermissions = {
  "ackGatewayConfig": "runtime",
  "adoptService": "deployments.write",
  "answerDryRun": "runtime",
  "approveApproval": "approvals.write",
  "createApi": "apis.write",
  "createApproval": "approvals.write",
  "createConsumer": "consumers.write",
  "createConsumerKey": "consumer-keys.write",
  "createDeployment": "deployments.write",
  "createGatewayKey": "gateway-keys.write",
  "createInvitation": "members.write",
  "createOperatorToken": "tokens.write",
  "createOwnerLink": "tenants.write",
  "createPersonalToken": "person",
  "createPlan": "plans.write",
  "createPolicy": "policies.write",
  "createResetLink": "members.write",
  "createServiceAccount": "tokens.write",
  "createSession": "public",
  "createSignInLink": "self",
  "createSubscription": "subscriptions.write",
  "createTeam": "teams.write",
  "createTenant": "tenants.write",
  "createTrustedIssuer": "issuers.write",
  "decommissionGateway": "gateways.write",
  "deleteApi": "apis.write",
  "deleteConsumer": "consumers.write",
  "deleteDeployment": "deployments.write",
  "deletePlan": "plans.write",
  "deletePolicy": "policies.write",
  "deleteServiceAccount": "tokens.write",
  "deleteSession": "self",
  "deleteSubscription": "subscriptions.write",
  "deleteTeam": "teams.write",
  "deleteTenant": "tenants.write",
  "deleteTrustedIssuer": "issuers.write",
  "denyApproval": "approvals.write",
  "deregisterGateway": "runtime",
  "editApi": "apis.write",
  "editConsumer": "consumers.write",
  "editPlan": "plans.write",
  "editServiceAccount": "tokens.write",
  "editTeam": "teams.write",
  "editTenant": "tenants.write",
  "editUser": "members.write",
  "eraseConsumer": "consumers.write",
  "exportAudit": "audit.read",
  "getApi": "apis.read",
  "getApiRevision": "apis.read",
  "getApproval": "approvals.read",
  "getAuditKeys": "audit.read",
  "getClientRule": "members.read",
  "getConfigItem": "runtime",
  "getConsumer": "consumers.read",
  "getControlPlaneMetrics": "metrics",
  "getDeployment": "deployments.read",
  "getEnvironment": "environments.read",
  "getGateway": "gateways.read",
  "getGatewayConfig": "runtime",
  "getGatewayDrift": "gateways.read",
  "getGatewayModes": "gateways.read",
  "getHealth": "public",
  "getOperatorToken": "tokens.read",
  "getPlan": "plans.read",
  "getPolicy": "policies.read",
  "getReadiness": "public",
  "getServiceAccount": "tokens.read",
  "getSession": "self",
  "getSignIn": "public",
  "getSubscription": "subscriptions.read",
  "getTeam": "teams.read",
  "getTenant": "tenants.read",
  "getTrustedIssuer": "issuers.read",
  "getUsage": "usage.read",
  "getUser": "members.read",
  "getVersion": "public",
  "heartbeat": "runtime",
  "listApiRevisions": "apis.read",
  "listApis": "apis.read",
  "listApprovals": "approvals.read",
  "listAudit": "audit.read",
  "listConsumerKeys": "consumer-keys.read",
  "listConsumers": "consumers.read",
  "listDeployments": "deployments.read",
  "listEnvironments": "environments.read",
  "listGatewayKeys": "gateway-keys.read",
  "listGateways": "gateways.read",
  "listInvitations": "members.read",
  "listOperatorTokens": "tokens.read",
  "listPersonalTokens": "person",
  "listPlans": "plans.read",
  "listPolicies": "policies.read",
  "listServiceAccounts": "tokens.read",
  "listSubscriptions": "subscriptions.read",
  "listTeams": "teams.read",
  "listTenants": "tenants.read",
  "listTrustedIssuers": "issuers.read",
  "listUsers": "members.read",
  "promoteDeployment": "deployments.write",
  "registerGateway": "runtime",
  "releaseBrake": "gateways.write",
  "removeUser": "members.write",
  "reportMcpServer": "runtime",
  "reportObservedState": "runtime",
  "reportUsage": "runtime",
  "revokeConsumerKey": "consumer-keys.write",
  "revokeGatewayKey": "gateway-keys.write",
  "revokeInvitation": "members.write",
  "revokeOperatorToken": "tokens.write",
  "revokePersonalToken": "person",
  "rotateConsumerKey": "consumer-keys.write",
  "rotateGatewayKey": "gateway-keys.write",
  "rotateServiceAccount": "tokens.write",
  "setClientRule": "members.write",
  "setEnvironment": "environments.write",
  "streamGatewayEvents": "gateways.read",
  "takeDryRun": "runtime",
  "updateApi": "apis.write",
  "updateDeployment": "deployments.write",
  "updatePolicy": "policies.write",
  "updateTrustedIssuer": "issuers.write",
  "verifyAudit": "audit.read",
} as const satisfies Record<OperationId, Access>;

/** What may be asked for in a token's scopes, and what a role is a list of. */
export type Permission = keyof typeof permissions;
export type Role = keyof typeof roles;
/** What an operation asks for: a permission, or another kind of caller. */
export type Access = Permission | 'public' | 'runtime' | 'consumer' | 'metrics' | 'self' | 'person';
/** `*` is everything that there is and will be: whoever lacks it can give it to nobody. */
export type Right = Permission | '*';

/** What an operation asks for, by its operationId. */
export const accessOf = (operationId: OperationId): Access => operationPermissions[operationId];

/** What the roles give together; with scopes other than `*`, only as much of it as they name. A role that is not known gives nothing. */
export function rightsOf(held: readonly string[], scopes: readonly string[] = ['*']): ReadonlySet<Right> {
  const given = held.flatMap((role): readonly Right[] => (Object.hasOwn(roles, role) ? roles[role as Role].permissions : []));
  return new Set(scopes.includes('*') ? given : given.filter((right) => scopes.includes(right)));
}

/** Whether these roles may call an operation of the management API. */
export function allows(held: readonly string[], operationId: OperationId): boolean {
  const access = accessOf(operationId);
  return access === 'public' || access === 'self' || rightsOf(held).has(access as Permission);
}

/** The roles that have a permission. */
export const rolesWith = (permission: Permission): Role[] => (Object.keys(roles) as Role[]).filter((role) => rightsOf([role]).has(permission));
