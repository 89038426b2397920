import type { Server } from 'node:http';
import { connectToControlPlane } from '@stoa/control-plane-client/connection.ts';
import type { ApplyOutcome, ControlPlaneConnection, DesiredState, UsageSpool } from '@stoa/control-plane-client/types.ts';
import type { RegisterRequest, RuntimeConfigState } from '@stoa/generated/schemas.ts';
import { createHttpServer } from '@stoa/lib/http-server.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { createUpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { version } from '@stoa/lib/version.ts';
import { preloadSchemaCheck } from './arguments.ts';
import { createMcpDoor } from './doors/http.ts';
import type { McpDoor } from './doors/http.ts';
import { createListener } from './doors/listener.ts';
import type { ListenerOptions } from './doors/listener.ts';
import { createEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { createMeter } from './meter.ts';
import type { RuntimeSettings } from './settings.ts';
import { createSnapshotCompiler } from './snapshot.ts';
import type { SnapshotCompiler } from './snapshot.ts';

export type RuntimeOptions = {
  /** The name of the executable. */
  readonly program: string;
  readonly product: 'STOA Gateway' | 'STOA Link';
  readonly gatewayMode: 'edge_mcp' | 'sidecar';
  readonly features: readonly string[];
  readonly settings: RuntimeSettings;
  /** What a Link stands beside. */
  readonly targetGateway?: RegisterRequest['target_gateway'];
  /** Paths announced besides `/mcp` and `/healthz`, by purpose. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** A further door, made from the engine: Link's `/authz`. */
  readonly extraDoor?: (engine: Engine) => NonNullable<ListenerOptions['extra']>;
  readonly log?: Logger;
  /** How the Control Plane is reached; a test gives a way of its own. */
  readonly connect?: typeof connectToControlPlane;
};

export type Runtime = {
  /** Where it listens. */
  readonly url: string;
  readonly engine: Engine;
  /** Lets the calls in flight end, hands usage over and deregisters. */
  stop(): Promise<void>;
};

/** How long calls in flight may take to end at a shutdown; Kubernetes kills after 30 s by default. */
const drainMs = 20_000;

/**
 * Starts a Gateway or a Link: restores the configuration of the last run, then listens, and serves it until the Control Plane has a newer one.
 * Nothing waits for the network, so that an instance comes up alone (lesson 28). Throws `ExpectedError` when the address or
 * the state directory cannot be used.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { settings, product, connect = connectToControlPlane } = options;
  const log = options.log ?? createLogger({ program: options.program, level: settings.logLevel });
  let connection: ControlPlaneConnection | undefined;
  const engine = createRuntimeEngine(settings, log, () => connection?.usage);
  const mcp = createMcpDoor({
    engine,
    serverInfo: { name: options.program, title: product, version },
    allowedOrigins: settings.allowedOrigins,
  });
  preloadSchemaCheck();
  const compiler = createSnapshotCompiler(options.extraDoor === undefined ? ['mcp'] : ['mcp', 'authz']);
  const counter = { requests: 0 };
  const server = createRuntimeServer(options, engine, mcp, log, counter, () => connection?.state());
  let url = '';
  try {
    connection = await connect({
      controlPlaneUrl: settings.controlPlaneUrl,
      gatewayKey: settings.gatewayKey,
      proxies: settings,
      instance: describeInstance(options),
      stateDir: settings.stateDir,
      log,
      listen: async () => {
        url = await listen(server, settings.listen);
        return endpointsAt(options, settings.publicUrl ?? url);
      },
      report: () => ({ status: engine.ready ? 'healthy' : 'degraded', metrics: measure(engine, mcp, counter, connection) }),
      restore: async (state) => void (await applyState(engine, mcp, compiler, state)),
      apply: (state) => applyState(engine, mcp, compiler, state),
    });
  } catch (error) {
    await stopServing(server, engine, mcp);
    throw error;
  }
  log.info({ url, instance: settings.instanceName, environment: settings.environment }, `${product} listens.`);
  return {
    url,
    engine,
    async stop() {
      await stopServing(server, engine, mcp);
      await connection?.stop({ deregister: true });
    },
  };
}

function createRuntimeEngine(settings: RuntimeSettings, log: Logger, usage: () => UsageSpool | undefined): Engine {
  const meter = createMeter({
    spool: {
      append: async (records) => {
        const spool = usage();
        if (spool === undefined) throw new Error('The usage spool is not open yet.');
        await spool.append(records);
      },
    },
    log,
  });
  return createEngine({
    meter,
    log,
    trustedProxies: settings.trustedProxies,
    upstream: { timeoutMs: settings.upstreamTimeout, guard: createUpstreamGuard(settings), proxies: settings },
  });
}

function createRuntimeServer(
  options: RuntimeOptions,
  engine: Engine,
  mcp: McpDoor,
  log: Logger,
  counter: { requests: number },
  configState: () => RuntimeConfigState | undefined,
): Server {
  const extra = options.extraDoor?.(engine);
  const listener = createListener({
    mcp,
    log,
    counter,
    ...(extra !== undefined && { extra }),
    probes: {
      product: options.product,
      gatewayMode: options.gatewayMode,
      configState: () => configState() ?? { state: 'none', generation: 0, hash: '' },
      metrics: engine.meter.registry,
    },
  });
  return createHttpServer(options.settings, listener);
}

function describeInstance({ settings, gatewayMode, features, targetGateway }: RuntimeOptions): Omit<RegisterRequest, 'boot_id'> {
  return {
    instance_name: settings.instanceName,
    gateway_mode: gatewayMode,
    version,
    features: [...features],
    environment: settings.environment,
    labels: { ...settings.labels },
    ...(targetGateway !== undefined && { target_gateway: targetGateway }),
  };
}

function endpointsAt({ endpoints = {} }: RuntimeOptions, url: string): Record<string, string> {
  const paths = { mcp: '/mcp', health: '/healthz', ...endpoints };
  return Object.fromEntries(Object.entries(paths).map(([purpose, path]) => [purpose, `${url}${path}`]));
}

/** Swaps the snapshot (lesson 26: whole, so that what is gone is gone) and tells clients that listen. */
async function applyState(engine: Engine, mcp: McpDoor, compiler: SnapshotCompiler, desired: DesiredState): Promise<ApplyOutcome> {
  const { snapshot, items, state, changes } = await compiler.compile(desired);
  const previous = engine.snapshot;
  engine.replace(snapshot);
  await mcp.snapshotReplaced(previous, changes);
  return { state, items };
}

function measure(
  engine: Engine,
  mcp: McpDoor,
  counter: { requests: number },
  connection: ControlPlaneConnection | undefined,
): Record<string, number> {
  const usage = connection?.usage.stats();
  return {
    requests_total: counter.requests,
    tools: engine.snapshot.tools.size,
    apis: engine.snapshot.apis.size,
    streams: mcp.streamCount,
    memory_rss_bytes: process.memoryUsage.rss(),
    ...(usage !== undefined && { usage_batches_waiting: usage.waiting, usage_calls_dropped: usage.droppedCalls }),
  };
}

/** Streams first: they would hold the server open. Then the calls, whose usage the engine hands over last. */
async function stopServing(server: Server, engine: Engine, mcp: McpDoor): Promise<void> {
  await mcp.close();
  await closeGracefully(server, drainMs);
  await engine.close();
}
