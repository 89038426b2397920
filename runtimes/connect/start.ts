import { connectToControlPlane } from '@stoa/control-plane-client/connection.ts';
import type { ControlPlaneConnection, Rehearsal } from '@stoa/control-plane-client/types.ts';
import { wholeItems } from '@stoa/control-plane-client/whole-items.ts';
import type { RegisterRequest } from '@stoa/generated/schemas.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import { createHttpServer } from '@stoa/lib/http-server.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { version } from '@stoa/lib/version.ts';
import { createAdapter } from './vendors/table.ts';
import { createAgent } from './engine/agent.ts';
import type { Agent } from './engine/agent.ts';
import { appliedStateFile } from './engine/applied-state.ts';
import { neverEnforced } from './engine/capabilities.ts';
import { driftLog } from './engine/drift-log.ts';
import { watchHealth } from './engine/health-watch.ts';
import { plannedWrite } from './engine/rehearse.ts';
import type { RehearsedPass } from './engine/rehearse.ts';
import type { ObservedReport } from './engine/reconcile.ts';
import { program } from './config.ts';
import type { ConnectSettings } from './config.ts';
import { measure } from './metrics.ts';
import { createProbes } from './probes.ts';

export type Connect = {
  /** Where it answers probes. */
  readonly url: string;
  readonly agent: Agent;
  /** Finishes the write in hand, deregisters, and closes. */
  stop(): Promise<void>;
};

/**
 * Starts STOA Connect (`connect` of ADR-057). Nothing waits for the network: neither the Control Plane nor the third-party gateway has
 * to be there (lesson 20). Throws `ExpectedError` when the address or the state directory cannot be used.
 */
export async function startConnect(settings: ConnectSettings, givenLog?: Logger): Promise<Connect> {
  const log = givenLog ?? createLogger({ program, level: settings.logLevel });
  const nowMs = createForwardClock();
  const adapter = await createAdapter(settings, nowMs);
  const state = appliedStateFile(settings.stateDir, settings.targetGatewayUrl);
  const agent = createAgent({ adapter, state, drift: driftLog(settings.stateDir), log, resyncIntervalMs: settings.resyncInterval, nowMs });
  const health = watchHealth({ adapter, log });
  let connection: ControlPlaneConnection | undefined;
  const server = createHttpServer(
    settings,
    createProbes({
      agent: agent.status,
      config: () => connection?.state() ?? { state: 'none', generation: 0, hash: '' },
      health: health.metrics,
    }),
    log,
  );
  let url = '';
  const close = async (): Promise<void> => {
    health.stop();
    await agent.stop();
    await connection?.stop({ deregister: true });
    adapter.close();
    await closeGracefully(server, 1000);
  };
  try {
    connection = await connectToControlPlane({
      controlPlaneUrl: settings.controlPlaneUrl,
      gatewayKey: settings.gatewayKey,
      proxies: settings,
      instance: { ...describeInstance(settings), cannot_enforce: neverEnforced(adapter.capabilities) },
      stateDir: settings.stateDir,
      log,
      listen: async () => {
        url = await listen(server, settings.listen);
        return { health: `${url}/healthz` };
      },
      report: () => ({ status: agent.status().problem === undefined ? 'healthy' : 'degraded', metrics: measure(agent.status(), health.metrics()) }),
      // The third-party gateway still has what was applied, and without a lease nothing may be written to it.
      restore: async () => undefined,
      async rehearse({ gateway_id, items }, adopt) {
        const given = { gateway_id, items: wholeItems({ items }) };
        if (adopt === undefined) return toldOf(await agent.rehearse(given));
        const rehearsed = await agent.rehearseAdoption(given, adopt);
        return { ...toldOf(rehearsed), adoption: rehearsed.adoption };
      },
      apply: (state, permit) => agent.apply({ ...state, items: wholeItems(state) }, () => permit.valid()),
    });
  } catch (error) {
    await close();
    throw error;
  }
  const { permit, observed, amend } = connection;
  const mayWrite = (): boolean => permit()?.valid() === true;
  let found: ObservedReport | undefined;
  // A report replaces the one before, so that how the gateway is goes along with what it holds.
  const tell = (): void => {
    if (found !== undefined) observed({ ...found, health: health.report() });
  };
  agent.start({
    mayWrite,
    observed(report) {
      found = report;
      tell();
    },
    amend,
  });
  health.start(() => {
    if (mayWrite()) tell();
  });
  log.info({ url, target: settings.targetGatewayUrl, instance: settings.instanceName, environment: settings.environment }, 'STOA Connect listens.');
  return { url, agent, stop: close };
}

/** What the contract takes of it. */
const maxWrites = 1000;

function toldOf({ outcome: { state, items }, changes, unavailable }: RehearsedPass): Rehearsal {
  return {
    state,
    items: items.filter((item) => item.state !== 'applied'),
    writes: changes.slice(0, maxWrites).map(plannedWrite),
    ...(changes.length > maxWrites && { more_writes: changes.length - maxWrites }),
    ...(unavailable !== undefined && { unavailable }),
  };
}

function describeInstance(settings: ConnectSettings): Omit<RegisterRequest, 'boot_id'> {
  return {
    instance_name: settings.instanceName,
    gateway_mode: 'connect',
    version,
    features: ['discovery', 'policies', 'subscriptions', 'plans', 'drift', 'dry_run', 'public_path'],
    environment: settings.environment,
    labels: { ...settings.labels },
    target_gateway: { type: settings.targetGatewayType, url: settings.targetGatewayUrl },
  };
}
