import { connectToControlPlane } from '@stoa/control-plane-client/connection.ts';
import { McpReports } from '@stoa/control-plane-client/mcp-reports.ts';
import type { ControlPlaneConnection, UsagePart, UsageSpool } from '@stoa/control-plane-client/types.ts';
import type { RegisterRequest, RuntimeConfigState } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Telemetry } from '@stoa/lib/telemetry/model.ts';
import { version } from '@stoa/lib/version.ts';
import type { ApprovalSource } from './decide/approvals.ts';
import { redisPlaceOf } from './decide/replicas/redis-url.ts';
import { Replicas } from './decide/replicas/replicas.ts';
import type { Engine } from './engine.ts';
import type { UsageSink } from './metering/meter.ts';
import { Tally } from './metering/tally.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import { createServing } from './serving.ts';
import type { Serving, ServingParts } from './serving.ts';
import { startTelling } from './told.ts';
import { startWorkers } from './workers/pool.ts';
import { workersOf } from './workers/count.ts';

export type { RuntimeOptions } from './runtime-options.ts';

export type Runtime = {
  /** Where it listens. */
  readonly url: string;
  /** Undefined where workers serve, each with its own. */
  readonly engine: Engine | undefined;
  /** Lets the calls in flight end, hands usage over and deregisters. */
  stop(): Promise<void>;
};

/**
 * Starts a Gateway or a Link: restores the configuration of the last run, then listens, and serves it until the Control Plane has a newer one.
 * Nothing waits for the network, so that an instance comes up alone (lesson 28). Throws `ExpectedError` when the address or
 * the state directory cannot be used.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { settings, product, connect = connectToControlPlane } = options;
  const tally = new Tally();
  const { log, telemetry } = await startTelling(options, tally);
  let connection: ControlPlaneConnection | undefined;
  const usage: UsageSink = { open: () => laterPart(() => connection?.usage) };
  const configState = (): RuntimeConfigState => connection?.state() ?? { state: 'none', generation: 0, hash: '' };
  const approvals: ApprovalSource = { ask: (question) => connection?.askCallApproval(question) ?? Promise.resolve(undefined) };
  const replicas = replicasOf(options, log);
  const { serving, engine } = createDoors(options, log, {
    usage,
    configState,
    replicas,
    approvals,
    tally,
    telemetry,
    reported: (id, report) => connection?.reportMcpServer(id, report),
  });
  let url = '';
  try {
    await replicas?.start();
    connection = await connect(
      {
        controlPlaneUrl: settings.controlPlaneUrl,
        gatewayKey: settings.gatewayKey,
        proxies: settings,
        instance: describeInstance(options),
        stateDir: settings.stateDir,
        log,
        listen: async () => {
          url = await serving.listen(settings.listen);
          return endpointsAt(options, settings.publicUrl ?? url);
        },
        report: () => ({ status: serving.ready ? 'healthy' : 'degraded', metrics: measure(serving, connection) }),
        restore: async (state) => void (await serving.apply(state)),
        apply: (state) => serving.apply(state),
      },
      McpReports,
    );
  } catch (error) {
    await serving.stop();
    await replicas?.stop();
    await telemetry?.stop();
    throw error;
  }
  log.info({ url, socket: settings.socket, instance: settings.instanceName, environment: settings.environment }, `${product} listens.`);
  return {
    url,
    engine,
    async stop() {
      await serving.stop();
      await replicas?.stop();
      await connection?.stop({ deregister: true });
      await telemetry?.stop();
    },
  };
}

/** A part of usage of a spool that may not be open yet: nothing is called before, so that nothing is lost. */
function laterPart(spool: () => UsageSpool | undefined): UsagePart {
  let part: UsagePart | undefined;
  const opened = (): UsagePart => {
    part ??= spool()?.open();
    if (part === undefined) throw new Error('The usage spool is not open yet.');
    return part;
  };
  return { note: async (records) => opened().note(records), close: async (records) => opened().close(records) };
}

type MainParts = {
  readonly usage: UsageSink;
  readonly configState: () => RuntimeConfigState;
  readonly replicas: Replicas | undefined;
  readonly approvals: ApprovalSource;
  /** Of this thread. */
  readonly tally: Tally;
  readonly telemetry: Telemetry | undefined;
  readonly reported: NonNullable<ServingParts['reported']>;
};

function replicasOf({ settings }: RuntimeOptions, log: Logger): Replicas | undefined {
  const { redisUrl, redisPassword: password, redisPrefix: prefix, redisTimeout: timeoutMs, environment } = settings;
  const place = redisUrl === undefined ? undefined : redisPlaceOf(redisUrl);
  return place === undefined || 'fault' in place ? undefined : new Replicas({ place, password, timeoutMs, prefix, group: environment, log });
}

/** In this thread, or in as many as the settings say. */
function createDoors(options: RuntimeOptions, log: Logger, parts: MainParts): { serving: Serving; engine: Engine | undefined } {
  const count = options.entry === undefined ? 1 : workersOf(options.settings.workers, log);
  if (options.entry === undefined || count === 1) {
    const { replicas } = parts;
    const serving = createServing(options, {
      log,
      ...parts,
      ...(replicas !== undefined && { limits: (now) => replicas.limits(now), replicaProofs: replicas.proofs }),
    });
    replicas?.addMetrics(serving.engine.meter.registry);
    return { serving, engine: serving.engine };
  }
  return { serving: startWorkers({ entry: options.entry, count, settings: options.settings, log, ...parts }), engine: undefined };
}

/** What the engine does at every door. */
const engineFeatures = ['policies', 'subscriptions', 'plans', 'trusted_issuers', 'mcp_servers', 'tool_sets', 'metering'];

function describeInstance({ settings, gatewayMode, doors, targetGateway }: RuntimeOptions): Omit<RegisterRequest, 'boot_id'> {
  return {
    instance_name: settings.instanceName,
    gateway_mode: gatewayMode,
    version,
    features: [...doors.map(({ name }) => name), ...engineFeatures],
    environment: settings.environment,
    labels: { ...settings.labels },
    ...(targetGateway !== undefined && { target_gateway: targetGateway }),
  };
}

function endpointsAt({ doors }: RuntimeOptions, url: string): Record<string, string> {
  const ways = [...doors, { name: 'health', path: '/healthz' }];
  return Object.fromEntries(ways.flatMap(({ name, path }) => (path === undefined ? [] : [[name, `${url}${path}`]])));
}

function measure(serving: Serving, connection: ControlPlaneConnection | undefined): Record<string, number> {
  const usage = connection?.usage.stats();
  return {
    ...serving.measure(),
    memory_rss_bytes: process.memoryUsage.rss(),
    ...(usage !== undefined && { usage_batches_waiting: usage.waiting, usage_calls_dropped: usage.droppedCalls }),
  };
}
