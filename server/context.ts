import type { IncomingMessage } from 'node:http';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type Provider from 'oidc-provider';
import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import type { AskItself } from './ask-itself.ts';
import type { AskedOperation } from './audit/actor.ts';
import type { Audit } from './audit/audit.ts';
import type { Authenticator } from './access/authenticator.ts';
import type { KeyMaterial } from './access/master-key.ts';
import type { GatewayKeyPrincipal, OperatorPrincipal, Principal } from './access/principal.ts';
import type { Settings } from './config.ts';
import type { Database } from './database/connection.ts';
import type { AckWriter } from './deployments/ack-writer.ts';
import type { DesiredStates } from './deployments/desired-states.ts';
import type { AskedStates } from './deployments/asked-about.ts';
import type { DryRuns } from './deployments/dry-runs.ts';
import type { WaitingPlaces } from './places.ts';
import { forbidden } from './errors.ts';
import type { ExternalIssuer } from './identity/external/external-issuer.ts';
import type { FleetEvents } from './fleet/fleet-events.ts';
import type { HeartbeatWriter } from './fleet/heartbeat-writer.ts';
import type { IntervalPolicy } from './fleet/interval-policy.ts';
import type { Holders } from './fleet/holders.ts';
import type { RegistrationWriter } from './fleet/registration-writer.ts';
import type { ValidInput } from './http/validate-request.ts';
import type { Callers } from './http/callers.ts';
import type { ControlPlaneMetrics } from './metrics.ts';

/** What lives as long as the process. */
export type ServerContext = {
  readonly settings: Settings;
  readonly log: Logger;
  readonly db: Database;
  readonly keys: KeyMaterial;
  readonly authenticator: Authenticator;
  readonly heartbeats: HeartbeatWriter;
  readonly intervals: IntervalPolicy;
  readonly registrations: RegistrationWriter;
  readonly events: FleetEvents;
  readonly metrics: ControlPlaneMetrics;
  readonly desired: DesiredStates;
  readonly dryRuns: DryRuns;
  readonly places: WaitingPlaces;
  readonly askedStates: AskedStates;
  readonly holders: Holders;
  readonly acks: AckWriter;
  readonly audit: Audit;
  /** From where a request comes, and with which client. */
  readonly callerOf: (request: IncomingMessage) => Omit<AskedOperation, 'operationId'>;
  /** Which upstreams an API may have. */
  readonly upstreams: UpstreamGuard;
  /** Under which browsers reach this server. */
  readonly publicUrl: () => string;
  /** A request of this process to itself, at its own address: the public one need not be reachable from here. */
  readonly askItself: AskItself;
  /** The issuer that stands in the place of the embedded one. */
  readonly external: ExternalIssuer | undefined;
  /** The embedded issuer, made when it is first asked for. */
  readonly issuer: () => Promise<Provider>;
  /** Resolves when the start is complete. */
  readonly started: Promise<void>;
  /** Those who wait for answers: when the server begins to stop, they are answered without what they wait for. */
  readonly callers: Callers;
};

/** What an operation answers, whichever it is. */
export type OperationReply = { status: number; body?: unknown; headers?: Readonly<Record<string, string>> };

/** An operation by its name, with input that was judged. */
export type Perform = (operation: OperationId, input: ValidInput, context: RequestContext) => Promise<OperationReply>;

/** What lives as long as one request. */
export type RequestContext = ServerContext & {
  readonly requestId: string;
  readonly principal: Principal | undefined;
  /** What is asked, and from where: the audit tells it. */
  readonly asked: AskedOperation;
  /** Who approved what is done, where a second person was demanded for it. */
  readonly approvedBy?: string;
  /** Does what another operation does. */
  readonly perform: Perform;
  /** The header by which the caller says who asks. */
  readonly authorization: string | undefined;
  /** Aborted when the caller goes away or the server stops. */
  readonly signal: AbortSignal;
  /** The document that the body carries, in UTF-8. In the body itself something small stands for it. */
  readonly document: Uint8Array<ArrayBuffer> | undefined;
};

/** The operator who asks. That he may do so was decided before the body was read, by the table of permissions. */
export function requireOperator(context: RequestContext): OperatorPrincipal {
  const { principal } = context;
  if (principal?.kind !== 'operator') throw forbidden('This needs an operator token.');
  return principal;
}

/** The gateway key that asks. */
export function requireGatewayKey(context: RequestContext): GatewayKeyPrincipal {
  const { principal } = context;
  if (principal?.kind !== 'gateway_key') throw forbidden('This needs a gateway key.');
  return principal;
}
