import { createPrivateKey } from 'node:crypto';
import type { Server } from 'node:http';
import type { ApplyOutcome } from '@stoa/control-plane-client/types.ts';
import type { CertificateHeader } from '@stoa/lib/client-certificate.ts';
import { createHttpServer } from '@stoa/lib/http-server.ts';
import type { HttpServerSettings } from '@stoa/lib/http-server.ts';
import { closeGracefully, listen, listenInFolder } from '@stoa/lib/listen.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Telemetry } from '@stoa/lib/telemetry/model.ts';
import type { Address } from '@stoa/lib/setting.ts';
import { createUpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { version } from '@stoa/lib/version.ts';
import type { DoorParts, OpenDoor } from './doors/door.ts';
import { createListener, createQuickHandler, createUpgradeHandler } from './doors/listener.ts';
import type { Probes } from './doors/probes.ts';
import { CredentialChain } from './decide/credential-chain.ts';
import { createEngine } from './engine.ts';
import type { Engine, EngineOptions, ProofParts } from './engine.ts';
import { bothMemories, createSharedProofs, SharedProofMemory } from './decide/proofs/proof-memory.ts';
import type { ProofMemory, SharedProofs } from './decide/proofs/proof-memory.ts';
import type { FederationEvents } from './federation/federation.ts';
import { KeptCatalogs } from './federation/kept-catalogs.ts';
import { createMeter } from './metering/meter.ts';
import type { ApprovalSource } from './decide/approvals.ts';
import type { UsageSink } from './metering/meter.ts';
import type { Limits } from './decide/limits.ts';
import { createLimits } from './decide/limits.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import { runtimeSecrets } from './snapshot/secrets.ts';
import { createSnapshotCompiler } from './snapshot/snapshot.ts';
import type { StateToServe } from './snapshot/snapshot.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import { Swaps } from './snapshot/swaps.ts';
import { Tally } from './metering/tally.ts';
import { circuitsOpen } from './upstream/protection/metrics.ts';
import { assertionSigner, keptAssertionKey } from './upstream/proofs/assertion-signer.ts';

/** What serves an instance's doors: this thread, or workers. */
export type Serving = {
  /** Swaps in a state, of which `changed` and `removed` are relative to the one before. */
  apply(state: StateToServe): Promise<ApplyOutcome>;
  /** Begins to listen and answers the URL. Throws an `ExpectedError` when the address cannot be used. */
  listen(address: ListenAddress): Promise<string>;
  /** Whether there is a configuration. */
  readonly ready: boolean;
  /** What heartbeats tell. */
  measure(): Record<string, number>;
  /** Lets calls in flight end and hands usage over. */
  stop(): Promise<void>;
};

export type ListenAddress = Address & { /** Other threads listen on it, too. */ readonly reusePort?: boolean };

export type ServingParts = {
  readonly log: Logger;
  readonly usage: UsageSink;
  readonly configState: Probes['configState'];
  /** What `/metrics` answers; those of this thread when absent. */
  readonly metrics?: Probes['metrics'];
  readonly tally?: Tally;
  /** Tells this thread from the others, from 1. */
  readonly owner?: number;
  /** How calls are counted, by the wall clock given; in the memory of this thread when absent. */
  readonly limits?: (now: () => number) => Limits;
  /** What this thread shares with others to judge proofs by; its own when absent. */
  readonly proofs?: SharedProofs;
  /** Asked besides which proofs were used: what replicas share. */
  readonly replicaProofs?: ProofMemory | undefined;
  readonly tunnels?: DoorParts['tunnels'];
  readonly protection?: EngineOptions['protection'];
  readonly approvals?: ApprovalSource;
  /** How requests are told of; nowhere when absent. */
  readonly telemetry?: Telemetry | undefined;
  /** Told what was found at an MCP server. Must not throw. */
  readonly reported?: FederationEvents['reported'];
};

/** How long calls in flight may take to end at a shutdown; Kubernetes kills after 30 s by default. */
const drainMs = 20_000;
/** Files of secrets are replaced by whoever rotates them. */
const secretsSweepMs = 15_000;

/** Doors, engine and server of one thread. */
export function createServing(options: RuntimeOptions, parts: ServingParts): Serving & { readonly engine: Engine } {
  const { settings, product } = options;
  const { log, usage, tally = new Tally() } = parts;
  const now = createForwardClock();
  const { assertionKey } = settings;
  const signer = assertionSigner(() => (assertionKey === undefined ? keptAssertionKey(settings.stateDir) : createPrivateKey(assertionKey.reveal())));
  const secrets = runtimeSecrets(settings.upstreamSecrets);
  const engine = createEngine({
    signer,
    mcpCommands: options.mcpCommands,
    keptCatalogs: new KeptCatalogs({ stateDir: settings.stateDir, gatewayKey: settings.gatewayKey, writes: (parts.owner ?? 1) === 1, log }),
    self: { name: options.program, title: product, version },
    meter: createMeter({ spool: usage, log, tally }),
    limits: parts.limits?.(now) ?? createLimits({ now }),
    now,
    log,
    telemetry: parts.telemetry,
    trustedProxies: settings.trustedProxies,
    clientCertHeader: settings.clientCertHeader as CertificateHeader | undefined,
    approvals: parts.approvals,
    publicUrl: settings.publicUrl,
    frontUrls: options.frontUrls ?? [],
    proofs: proofPartsOf(settings, parts, now),
    protection: parts.protection,
    upstream: { timeoutMs: settings.upstreamTimeout, guard: createUpstreamGuard(settings), proxies: settings },
  });
  const serverInfo = { name: options.program, title: product, version };
  const doors = options.doors.map((door) =>
    door.open({
      engine,
      serverInfo,
      allowedOrigins: settings.allowedOrigins,
      mcpChain: settings.mcpChain,
      tally,
      tunnels: parts.tunnels,
      grpcListen: options.grpcListen,
      socketMode: settings.socketMode,
      authzCallers: options.authzCallers,
    }),
  );
  const compiler = createSnapshotCompiler(
    options.doors.map(({ name }) => name),
    {
      secrets,
      countsTogether: settings.redisUrl !== undefined,
      mcp: { catalogOf: (id) => engine.federation.catalogOf(id), hasCommand: (name) => engine.federation.hasCommand(name) },
    },
  );
  const swaps = new Swaps(secrets, async (desired) => {
    const { snapshot, items, state, changes } = await compiler.compile(desired);
    const previous = engine.snapshot;
    // Whole, so that what is gone is gone (lesson 26).
    engine.replace(snapshot);
    for (const door of doors) await door.snapshotReplaced?.(previous, changes);
    return { state, items };
  });
  engine.federation.events = {
    offersChanged: (id) =>
      void swaps
        .again((item) => item.kind === 'mcp_server' && item.mcp_server_id === id)
        .catch((error: unknown) => {
          log.error({ err: error }, 'What an MCP server offers could not be taken.');
        }),
    reported: (id, report) => parts.reported?.(id, report),
    resourceUpdated(id, params) {
      for (const door of doors) door.resourceUpdated?.(id, params);
    },
  };
  const sweep = setInterval(
    () => void swaps.refresh().catch((error: unknown) => log.error({ err: error }, 'A changed secret could not be taken.')),
    secretsSweepMs,
  ).unref();
  const chain = new CredentialChain(settings.mcpChain);
  const listener = createListener({
    doors,
    log,
    telemetry: parts.telemetry,
    counter: tally,
    probes: {
      product,
      gatewayMode: options.gatewayMode,
      configState: parts.configState,
      metrics: parts.metrics ?? engine.meter.registry,
      jwks: () => signer.jwks(),
      mcpServers: () => engine.federation.status(),
      unknownCredentials: () => chain.unknownIn(engine.snapshot),
    },
  });
  const sorted = { doors, counter: tally };
  const serverWith = (how: HttpServerSettings): Server =>
    createHttpServer(how, listener, log, createQuickHandler(sorted), createUpgradeHandler(sorted));
  const server = serverWith(settings);
  const { socket, socketMode: mode, headersTimeout, bodyTimeout } = settings;
  // Who may connect there is said by its permissions, and nobody else reads along.
  const folderServer = socket === undefined ? undefined : serverWith({ headersTimeout, bodyTimeout });
  return {
    engine,
    apply: (desired) => swaps.apply(desired),
    async listen(address) {
      for (const door of doors) await door.listen?.(address.reusePort === true);
      const url = await listen(server, address);
      if (folderServer !== undefined && socket !== undefined) await listenInFolder(folderServer, { path: socket, mode }, 'STOA_SOCKET');
      engine.publicUrl ??= url;
      return url;
    },
    get ready() {
      return engine.ready;
    },
    measure: () => ({
      requests_total: tally.requests,
      tools: engine.snapshot.tools.size,
      apis: engine.snapshot.apis.size - engine.snapshot.mcpServers.size,
      streams: tally.streams,
      circuits_open: circuitsOpen(engine.protector.table),
    }),
    stop() {
      clearInterval(sweep);
      return stopServing([server, ...(folderServer === undefined ? [] : [folderServer])], engine, doors);
    },
  };
}

/** Replicas that take each other's nonces are told the same secret. */
function proofPartsOf(
  { dpopNonceSecret }: RuntimeOptions['settings'],
  { proofs: { memory, nonceSecret } = createSharedProofs(), owner = 1, replicaProofs }: ServingParts,
  now: () => number,
): ProofParts {
  const own = new SharedProofMemory(memory, owner, now);
  return {
    memory: replicaProofs === undefined ? own : bothMemories(own, replicaProofs),
    nonceSecret: dpopNonceSecret === undefined ? nonceSecret : Buffer.from(dpopNonceSecret.reveal()),
  };
}

/** Streams first: they would hold the server open. Then the calls, whose usage the engine hands over last. */
async function stopServing(servers: readonly Server[], engine: Engine, doors: readonly OpenDoor[]): Promise<void> {
  for (const door of doors) await door.close?.();
  await Promise.all(servers.map((server) => closeGracefully(server, drainMs)));
  await engine.close();
}
