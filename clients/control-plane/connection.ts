import { randomUUID } from 'node:crypto';
import { createControlPlaneClient } from '@stoa/generated/client.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { ObservedState } from '@stoa/generated/schemas.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import { CallApprovals } from './call-approvals.ts';
import type { CompanionContext } from './companion-call.ts';
import type { Acknowledgement } from './config-ack.ts';
import { ConfigFeed } from './config-feed.ts';
import { Credential } from './credential.ts';
import { DryRunPolls } from './dry-runs.ts';
import { createHttpFetch } from './fetch.ts';
import type { Lease } from './lease.ts';
import { Outbox } from './outbox.ts';
import { ServedConfig } from './served-config.ts';
import type { McpReports } from './mcp-reports.ts';
import { GatewaySession } from './session.ts';
import { openState } from './state-directory.ts';
import type { ControlPlaneConnection, ControlPlaneConnectionOptions } from './types.ts';
import { UsageSender } from './usage-sender.ts';
import type { VerifiedState } from './verified-state.ts';

const drainMs = 3000;
const applyGraceMs = 10_000;

/**
 * Starts all that a runtime has to do with the Control Plane. First its state directory is opened, then the last-known-good configuration, if
 * there is one, restored, then `listen` called; only then anything is said to the Control Plane, and nothing waits for that. Throws an `ExpectedError` when `stateDir` cannot be used.
 * `Reports` is handed over by who serves MCP servers, so that a Connect holds nothing of them.
 */
export async function connectToControlPlane(options: ControlPlaneConnectionOptions, Reports?: typeof McpReports): Promise<ControlPlaneConnection> {
  const { log, random = Math.random } = options;
  warnOfPlainHttp(options);
  const bootId = randomUUID();
  const http = createHttpFetch(options.proxies === undefined ? {} : { proxies: options.proxies });
  const client = createControlPlaneClient({ baseUrl: options.controlPlaneUrl, fetch: options.fetch ?? http.fetch });
  const credential = new Credential(options.gatewayKey);
  const { keys, store, spool, kept, unlock } = await openState(options, bootId, () => sender.wake());
  const served = new ServedConfig({ ...options, store });
  const instance = await serve(options, served, kept).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  const session: GatewaySession = new GatewaySession({
    ...options,
    instance,
    client,
    credential,
    bootId,
    random,
    config: () => served.heartbeat(),
    onRegistered: (reply) => keys.learn(reply),
    onGeneration: (generation) => feed.wake(generation),
  });
  const context: CompanionContext = { session, credential, random };
  const acks = ackOutbox(client, context, log);
  const observed = observedOutbox(client, context, log);
  const mcpReports = Reports && new Reports(client, context, log);
  const sender: UsageSender = new UsageSender({ client, context, spool, log });
  const feed: ConfigFeed = new ConfigFeed({ ...options, client, context, keys, served, acknowledge: (ack) => acks.put(ack) });

  const stopping = new AbortController();
  const approvals = new CallApprovals({ client, context, log, signal: stopping.signal });
  const { rehearse } = options;
  const dryRuns = rehearse === undefined ? [] : [new DryRunPolls({ client, context, log, rehearse })];
  const loops = [session, feed, acks, observed, sender, ...dryRuns, ...(mcpReports === undefined ? [] : [mcpReports])].map((loop) =>
    loop.run(stopping.signal),
  );
  return {
    bootId,
    gatewayId: () => session.gatewayId,
    state: () => served.state(session.reason),
    firstConfig: served.firstConfig,
    permit: () => session.lease?.permit(),
    usage: spool,
    askCallApproval: (question) => approvals.ask(question),
    amend: (state, outcome) => void feed.amend(state, outcome),
    observed: (report) => observed.put(report),
    reportMcpServer: (serverId, report) => mcpReports?.put(serverId, report),
    async stop({ deregister }) {
      if (session.lease !== undefined) await sender.drained(AbortSignal.timeout(drainMs));
      stopping.abort(new Error('The process stops.'));
      // An apply in progress may finish what it began, for a while.
      const cut = setTimeout(() => session.close(), applyGraceMs);
      await Promise.all(loops);
      clearTimeout(cut);
      if (deregister) await session.deregister();
      session.close();
      http.close();
      await store.idle();
      await unlock();
    },
  };
}

/** Puts in place what was kept, then listens, so that what answers has something to serve. Answers the instance as it is announced. */
async function serve(
  { instance, listen }: ControlPlaneConnectionOptions,
  served: ServedConfig,
  kept: VerifiedState | undefined,
): Promise<ControlPlaneConnectionOptions['instance']> {
  await served.restore(kept);
  const endpoints = await listen?.();
  return { ...instance, ...(endpoints !== undefined && { endpoints }) };
}

/** Whoever reads along on the way could register as this instance, and read the secrets of its upstreams. */
function warnOfPlainHttp({ controlPlaneUrl, log }: ControlPlaneConnectionOptions): void {
  if (!isReadableOnTheWay(controlPlaneUrl)) return;
  log.warn(
    { host: new URL(controlPlaneUrl).hostname },
    'The gateway key and the configuration travel unencrypted: use an https URL for the Control Plane.',
  );
}

function ackOutbox(client: ControlPlaneClient, context: CompanionContext, log: ControlPlaneConnectionOptions['log']) {
  return new Outbox<Acknowledgement>({
    name: 'acknowledgement of a configuration',
    context,
    log,
    send: (ack, lease, init) =>
      client.ackGatewayConfig({ params: { path: { gateway_id: lease.gatewayId } }, body: { ...epochOf(lease), ...ack }, ...init }),
  });
}

function observedOutbox(client: ControlPlaneClient, context: CompanionContext, log: ControlPlaneConnectionOptions['log']) {
  return new Outbox<Omit<ObservedState, 'lease_epoch'>>({
    name: 'report of the observed state',
    context,
    log,
    send: (report, lease, init) =>
      client.reportObservedState({ params: { path: { gateway_id: lease.gatewayId } }, body: { ...epochOf(lease), ...report }, ...init }),
  });
}

function epochOf({ epoch }: Lease): { lease_epoch?: number } {
  return epoch === undefined ? {} : { lease_epoch: epoch };
}
