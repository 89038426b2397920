import type { ControlPlaneHandlers } from '@stoa/generated/handlers.ts';
import type { RequestContext } from './context.ts';
import { createConsumerKey } from './operations/access/create-consumer-key.ts';
import { createConsumer } from './operations/access/create-consumer.ts';
import { createGatewayKey } from './operations/access/create-gateway-key.ts';
import { createInvitation } from './operations/access/create-invitation.ts';
import { createOperatorToken } from './operations/access/create-operator-token.ts';
import { createServiceAccount } from './operations/access/create-service-account.ts';
import { listServiceAccounts } from './operations/access/list-service-accounts.ts';
import { getServiceAccount } from './operations/access/get-service-account.ts';
import { editServiceAccount } from './operations/access/edit-service-account.ts';
import { rotateServiceAccount } from './operations/access/rotate-service-account.ts';
import { deleteServiceAccount } from './operations/access/delete-service-account.ts';
import { createSession } from './operations/access/create-session.ts';
import { createSignInLink } from './operations/access/create-sign-in-link.ts';
import { createSubscription } from './operations/access/create-subscription.ts';
import { deleteConsumer } from './operations/access/delete-consumer.ts';
import { editConsumer } from './operations/access/edit-consumer.ts';
import { deleteSession } from './operations/access/delete-session.ts';
import { deleteSubscription } from './operations/access/delete-subscription.ts';
import { getConsumer } from './operations/access/get-consumer.ts';
import { getOperatorToken } from './operations/access/get-operator-token.ts';
import { getSession } from './operations/access/get-session.ts';
import { getSignIn } from './operations/access/get-sign-in.ts';
import { getSubscription } from './operations/access/get-subscription.ts';
import { listConsumerKeys } from './operations/access/list-consumer-keys.ts';
import { listConsumers } from './operations/access/list-consumers.ts';
import { listGatewayKeys } from './operations/access/list-gateway-keys.ts';
import { createPersonalToken } from './operations/access/create-personal-token.ts';
import { listInvitations } from './operations/access/list-invitations.ts';
import { listPersonalTokens } from './operations/access/list-personal-tokens.ts';
import { revokeInvitation } from './operations/access/revoke-invitation.ts';
import { revokePersonalToken } from './operations/access/revoke-personal-token.ts';
import { listOperatorTokens } from './operations/access/list-operator-tokens.ts';
import { revokeConsumerKey } from './operations/access/revoke-consumer-key.ts';
import { revokeGatewayKey } from './operations/access/revoke-gateway-key.ts';
import { revokeOperatorToken } from './operations/access/revoke-operator-token.ts';
import { rotateConsumerKey } from './operations/access/rotate-consumer-key.ts';
import { rotateGatewayKey } from './operations/access/rotate-gateway-key.ts';
import { createResetLink } from './operations/members/create-reset-link.ts';
import { editUser } from './operations/members/edit-user.ts';
import { getClientRule } from './operations/members/get-client-rule.ts';
import { setClientRule } from './operations/members/set-client-rule.ts';
import { getUser } from './operations/members/get-user.ts';
import { listUsers } from './operations/members/list-users.ts';
import { removeUser } from './operations/members/remove-user.ts';
import { createApi } from './operations/catalog/create-api.ts';
import { createPolicy } from './operations/catalog/create-policy.ts';
import { deleteApi } from './operations/catalog/delete-api.ts';
import { deletePolicy } from './operations/catalog/delete-policy.ts';
import { getApi } from './operations/catalog/get-api.ts';
import { getApiRevision } from './operations/catalog/get-api-revision.ts';
import { getPolicy } from './operations/catalog/get-policy.ts';
import { listApis } from './operations/catalog/list-apis.ts';
import { listApiRevisions } from './operations/catalog/list-api-revisions.ts';
import { listPolicies } from './operations/catalog/list-policies.ts';
import { listSubscriptions } from './operations/access/list-subscriptions.ts';
import { updateApi } from './operations/catalog/update-api.ts';
import { takeDryRun } from './operations/deployments/take-dry-run.ts';
import { updateDeployment } from './operations/deployments/update-deployment.ts';
import { updatePolicy } from './operations/catalog/update-policy.ts';
import { ackGatewayConfig } from './operations/deployments/ack-gateway-config.ts';
import { answerDryRun } from './operations/deployments/answer-dry-run.ts';
import { createDeployment } from './operations/deployments/create-deployment.ts';
import { deleteDeployment } from './operations/deployments/delete-deployment.ts';
import { createTrustedIssuer } from './operations/issuers/create-trusted-issuer.ts';
import { deleteTrustedIssuer } from './operations/issuers/delete-trusted-issuer.ts';
import { getTrustedIssuer } from './operations/issuers/get-trusted-issuer.ts';
import { listTrustedIssuers } from './operations/issuers/list-trusted-issuers.ts';
import { updateTrustedIssuer } from './operations/issuers/update-trusted-issuer.ts';
import { createToolSet } from './operations/tool-sets/create-tool-set.ts';
import { deleteToolSet } from './operations/tool-sets/delete-tool-set.ts';
import { getToolSet } from './operations/tool-sets/get-tool-set.ts';
import { listToolSets } from './operations/tool-sets/list-tool-sets.ts';
import { updateToolSet } from './operations/tool-sets/update-tool-set.ts';
import { approveMcpDefinitions } from './operations/mcp-servers/approve-mcp-definitions.ts';
import { createMcpServer } from './operations/mcp-servers/create-mcp-server.ts';
import { deleteMcpServer } from './operations/mcp-servers/delete-mcp-server.ts';
import { getMcpServer } from './operations/mcp-servers/get-mcp-server.ts';
import { listMcpDefinitions } from './operations/mcp-servers/list-mcp-definitions.ts';
import { listMcpServers } from './operations/mcp-servers/list-mcp-servers.ts';
import { rejectMcpDefinitions } from './operations/mcp-servers/reject-mcp-definitions.ts';
import { reportMcpServer } from './operations/mcp-servers/report-mcp-server.ts';
import { updateMcpServer } from './operations/mcp-servers/update-mcp-server.ts';
import { createPlan } from './operations/plans/create-plan.ts';
import { deletePlan } from './operations/plans/delete-plan.ts';
import { editPlan } from './operations/plans/edit-plan.ts';
import { getPlan } from './operations/plans/get-plan.ts';
import { listPlans } from './operations/plans/list-plans.ts';
import { askCallApproval } from './operations/approvals/ask-call-approval.ts';
import { approveApproval } from './operations/approvals/approve-approval.ts';
import { createApproval } from './operations/approvals/create-approval.ts';
import { denyApproval } from './operations/approvals/deny-approval.ts';
import { getApproval } from './operations/approvals/get-approval.ts';
import { listApprovals } from './operations/approvals/list-approvals.ts';
import { getEnvironment } from './operations/environments/get-environment.ts';
import { listEnvironments } from './operations/environments/list-environments.ts';
import { setEnvironment } from './operations/environments/set-environment.ts';
import { getConfigItem } from './operations/deployments/get-config-item.ts';
import { getDeployment } from './operations/deployments/get-deployment.ts';
import { getGatewayConfig } from './operations/deployments/get-gateway-config.ts';
import { listDeployments } from './operations/deployments/list-deployments.ts';
import { promoteDeployment } from './operations/deployments/promote-deployment.ts';
import { adoptService } from './operations/fleet/adopt-service.ts';
import { getGatewayDrift } from './operations/fleet/get-gateway-drift.ts';
import { reportObservedState } from './operations/deployments/report-observed-state.ts';
import { decommissionGateway } from './operations/fleet/decommission-gateway.ts';
import { deregisterGateway } from './operations/fleet/deregister-gateway.ts';
import { editApi } from './operations/catalog/edit-api.ts';
import { getGatewayModes } from './operations/fleet/get-gateway-modes.ts';
import { getGateway } from './operations/fleet/get-gateway.ts';
import { heartbeat } from './operations/fleet/heartbeat.ts';
import { listGateways } from './operations/fleet/list-gateways.ts';
import { registerGateway } from './operations/fleet/register-gateway.ts';
import { releaseBrake } from './operations/fleet/release-brake.ts';
import { streamGatewayEvents } from './operations/fleet/stream-gateway-events.ts';
import { getControlPlaneMetrics } from './operations/process/get-control-plane-metrics.ts';
import { getHealth } from './operations/process/get-health.ts';
import { getReadiness } from './operations/process/get-readiness.ts';
import { getVersion } from './operations/process/get-version.ts';
import { eraseConsumer } from './operations/access/erase-consumer.ts';
import { exportAudit } from './operations/audit/export-audit.ts';
import { getAuditKeys } from './operations/audit/get-audit-keys.ts';
import { listAudit } from './operations/audit/list-audit.ts';
import { verifyAudit } from './operations/audit/verify-audit.ts';
import { getUsage } from './operations/usage/get-usage.ts';
import { reportUsage } from './operations/usage/report-usage.ts';
import { createTeam } from './operations/teams/create-team.ts';
import { deleteTeam } from './operations/teams/delete-team.ts';
import { editTeam } from './operations/teams/edit-team.ts';
import { getTeam } from './operations/teams/get-team.ts';
import { listTeams } from './operations/teams/list-teams.ts';
import { createOwnerLink } from './operations/tenants/create-owner-link.ts';
import { createTenant } from './operations/tenants/create-tenant.ts';
import { deleteTenant } from './operations/tenants/delete-tenant.ts';
import { editTenant } from './operations/tenants/edit-tenant.ts';
import { getTenant } from './operations/tenants/get-tenant.ts';
import { listTenants } from './operations/tenants/list-tenants.ts';

/** Every operation of the contract. One that is missing, misspelt or of another shape does not compile. */
export const handlers: ControlPlaneHandlers<RequestContext> = {
  ackGatewayConfig,
  approveApproval,
  createApi,
  createApproval,
  createConsumer,
  createConsumerKey,
  createDeployment,
  createGatewayKey,
  createInvitation,
  createOperatorToken,
  createPlan,
  createTrustedIssuer,
  deleteTrustedIssuer,
  getTrustedIssuer,
  listTrustedIssuers,
  updateTrustedIssuer,
  createPolicy,
  createSession,
  createSignInLink,
  createSubscription,
  decommissionGateway,
  deleteApi,
  deleteConsumer,
  deleteDeployment,
  deletePlan,
  deletePolicy,
  deleteSession,
  deleteSubscription,
  denyApproval,
  deregisterGateway,
  editApi,
  editConsumer,
  editUser,
  editPlan,
  eraseConsumer,
  exportAudit,
  getApi,
  getApiRevision,
  getAuditKeys,
  getClientRule,
  getApproval,
  getConsumer,
  getConfigItem,
  getControlPlaneMetrics,
  getDeployment,
  getEnvironment,
  getGateway,
  getGatewayConfig,
  getGatewayModes,
  getHealth,
  getOperatorToken,
  getPlan,
  getPolicy,
  getReadiness,
  getSession,
  deleteServiceAccount,
  rotateServiceAccount,
  editServiceAccount,
  getServiceAccount,
  listServiceAccounts,
  createServiceAccount,
  getSignIn,
  getSubscription,
  getUsage,
  getUser,
  getVersion,
  heartbeat,
  listApis,
  listApiRevisions,
  listAudit,
  listApprovals,
  listConsumerKeys,
  listConsumers,
  listDeployments,
  listEnvironments,
  listGatewayKeys,
  listGateways,
  createPersonalToken,
  createResetLink,
  listPersonalTokens,
  revokePersonalToken,
  listInvitations,
  revokeInvitation,
  listOperatorTokens,
  listPlans,
  listPolicies,
  listSubscriptions,
  listUsers,
  promoteDeployment,
  registerGateway,
  releaseBrake,
  removeUser,
  reportObservedState,
  takeDryRun,
  answerDryRun,
  askCallApproval,
  getGatewayDrift,
  adoptService,
  reportUsage,
  revokeConsumerKey,
  revokeGatewayKey,
  revokeOperatorToken,
  rotateConsumerKey,
  rotateGatewayKey,
  setClientRule,
  setEnvironment,
  streamGatewayEvents,
  updateApi,
  updateDeployment,
  updatePolicy,
  verifyAudit,
  createTeam,
  deleteTeam,
  editTeam,
  getTeam,
  listTeams,
  createOwnerLink,
  createTenant,
  deleteTenant,
  editTenant,
  getTenant,
  listTenants,
  approveMcpDefinitions,
  createMcpServer,
  deleteMcpServer,
  getMcpServer,
  listMcpDefinitions,
  listMcpServers,
  rejectMcpDefinitions,
  reportMcpServer,
  updateMcpServer,
  createToolSet,
  deleteToolSet,
  getToolSet,
  listToolSets,
  updateToolSet,
};
