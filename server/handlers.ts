import type { ControlPlaneHandlers } from '@stoa/generated/handlers.ts';
import type { RequestContext } from './context.ts';
import { createGatewayKey } from './operations/access/create-gateway-key.ts';
import { createOperatorToken } from './operations/access/create-operator-token.ts';
import { createSession } from './operations/access/create-session.ts';
import { createSignInLink } from './operations/access/create-sign-in-link.ts';
import { deleteSession } from './operations/access/delete-session.ts';
import { getSession } from './operations/access/get-session.ts';
import { listGatewayKeys } from './operations/access/list-gateway-keys.ts';
import { listOperatorTokens } from './operations/access/list-operator-tokens.ts';
import { revokeGatewayKey } from './operations/access/revoke-gateway-key.ts';
import { revokeOperatorToken } from './operations/access/revoke-operator-token.ts';
import { ackGatewayConfig } from './operations/deployments/ack-gateway-config.ts';
import { getGatewayConfig } from './operations/deployments/get-gateway-config.ts';
import { reportObservedState } from './operations/deployments/report-observed-state.ts';
import { decommissionGateway } from './operations/fleet/decommission-gateway.ts';
import { deregisterGateway } from './operations/fleet/deregister-gateway.ts';
import { getGatewayModes } from './operations/fleet/get-gateway-modes.ts';
import { getGateway } from './operations/fleet/get-gateway.ts';
import { heartbeat } from './operations/fleet/heartbeat.ts';
import { listGateways } from './operations/fleet/list-gateways.ts';
import { registerGateway } from './operations/fleet/register-gateway.ts';
import { getHealth } from './operations/process/get-health.ts';
import { getReadiness } from './operations/process/get-readiness.ts';
import { getVersion } from './operations/process/get-version.ts';
import { getUsage } from './operations/usage/get-usage.ts';
import { reportUsage } from './operations/usage/report-usage.ts';

/** Every operation of the contract. One that is missing, misspelt or of another shape does not compile. */
export const handlers: ControlPlaneHandlers<RequestContext> = {
  ackGatewayConfig,
  createGatewayKey,
  createOperatorToken,
  createSession,
  createSignInLink,
  decommissionGateway,
  deleteSession,
  deregisterGateway,
  getGateway,
  getGatewayConfig,
  getGatewayModes,
  getHealth,
  getReadiness,
  getSession,
  getUsage,
  getVersion,
  heartbeat,
  listGatewayKeys,
  listGateways,
  listOperatorTokens,
  registerGateway,
  reportObservedState,
  reportUsage,
  revokeGatewayKey,
  revokeOperatorToken,
};
