import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { clientAddresses, decidingAddresses, forwardedAddresses } from '@stoa/lib/client-address.ts';
import type { RequestOrigin } from '@stoa/lib/client-address.ts';
import { clientCertificates, toldCertificates } from '@stoa/lib/client-certificate.ts';
import type { CertificateHeader, PresentedCertificate } from '@stoa/lib/client-certificate.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Telemetry } from '@stoa/lib/telemetry/model.ts';
import { Penalties } from '@stoa/lib/penalties.ts';
import { noApprovals } from './decide/approvals.ts';
import type { ApprovalSource } from './decide/approvals.ts';
import { version } from '@stoa/lib/version.ts';
import { createLimits } from './decide/limits.ts';
import { ProofJudge } from './decide/proofs/proof-judge.ts';
import { createProofMemory, SharedProofMemory } from './decide/proofs/proof-memory.ts';
import type { ProofMemory } from './decide/proofs/proof-memory.ts';
import { issuerFetch } from './decide/tokens/issuer-fetch.ts';
import { TokenJudge } from './decide/tokens/token-judge.ts';
import type { McpCommands } from './federation/commands.ts';
import { Federation } from './federation/federation.ts';
import type { FederationOptions } from './federation/federation.ts';
import type { ClientSelf } from './federation/negotiate.ts';
import type { Limits } from './decide/limits.ts';
import type { Meter } from './metering/meter.ts';
import type { Snapshot } from './model.ts';
import { emptySnapshot } from './snapshot/snapshot.ts';
import { assertionSigner, newAssertionKey } from './upstream/proofs/assertion-signer.ts';
import type { AssertionSigner } from './upstream/proofs/assertion-signer.ts';
import { Prover } from './upstream/proofs/prover.ts';
import { addProtectionMetrics } from './upstream/protection/metrics.ts';
import { Protector } from './upstream/protection/protector.ts';
import type { ProtectorOptions } from './upstream/protection/protector.ts';
import { createRelays } from './upstream/relays.ts';
import type { Relays } from './upstream/relays.ts';
import { createUpstreams } from './upstream/upstream.ts';
import type { UpstreamOptions, Upstreams } from './upstream/upstream.ts';

export type { UpstreamOptions } from './upstream/upstream.ts';

/** What the doors of one process share. */
export type Engine = {
  /** The snapshot that calls begin with; an empty one of generation 0 before the first. */
  readonly snapshot: Snapshot;
  /** Whether a snapshot was ever put in place: before, nothing can be decided. */
  readonly ready: boolean;
  /** Puts a snapshot in place at once. Calls in flight keep theirs. */
  replace(snapshot: Snapshot): void;
  /** Waits for calls in flight to end, then hands the last usage to the spool. Close the doors before. */
  close(): Promise<void>;
  readonly meter: Meter;
  readonly limits: Limits;
  /** Milliseconds since 1970, and never back: by this keys expire. */
  readonly now: () => number;
  /** Where a client calls from: behind trusted proxies, what they tell. */
  addressOf(request: RequestOrigin): string | undefined;
  /** The same for a request that another gateway tells of; undefined where that is no trusted proxy, or tells nothing. */
  toldAddressOf(request: RequestOrigin): string | undefined;
  /** The certificate of who sent a request. */
  certificateOf(request: RequestOrigin): PresentedCertificate | undefined;
  /** That of whose request another gateway tells of, where that is a trusted proxy. */
  toldCertificateOf(request: RequestOrigin): PresentedCertificate | undefined;
  /** Under which network to count what whoever sent a request does wrong. */
  networkOf(request: RequestOrigin): string;
  /** Resolves when the refusal of a bad key may be sent: the same address is slowed at every door. */
  refusalMayGo(request: RequestOrigin): Promise<void>;
  readonly upstreams: Upstreams;
  readonly relays: Relays;
  readonly tokens: TokenJudge;
  readonly proofs: ProofJudge;
  readonly prover: Prover;
  readonly protector: Protector;
  readonly approvals: ApprovalSource;
  /** Connections to MCP servers. */
  readonly federation: Federation;
  /** Of what upstreams are told about callers. */
  readonly signer: AssertionSigner;
  /** Below which URL clients reach the doors; undefined before it is known. */
  publicUrl: string | undefined;
  /** Below which URLs clients reach the gateway that asks whether a request may pass. */
  readonly frontUrls: readonly string[];
  readonly log: Logger;
  /** How requests are told of; undefined where that is switched off. */
  readonly telemetry: Telemetry | undefined;
};

/** What proofs are judged with, which the threads of a process have in common. */
export type ProofParts = { readonly memory: ProofMemory; readonly nonceSecret: Uint8Array };

export type EngineOptions = {
  readonly meter: Meter;
  /** Default: counters in the memory of this process. */
  readonly limits?: Limits;
  readonly log: Logger;
  readonly upstream?: UpstreamOptions;
  readonly telemetry?: Telemetry | undefined;
  /** What may be started as an MCP server. */
  readonly mcpCommands?: McpCommands | undefined;
  /** What MCP servers were found to offer before this process began. */
  readonly keptCatalogs?: FederationOptions['kept'];
  /** As what MCP servers know it. */
  readonly self?: ClientSelf;
  /** Proxies whose forwarded addresses count. */
  readonly trustedProxies?: readonly string[];
  /** Header in which they tell of certificates. */
  readonly clientCertHeader?: CertificateHeader | undefined;
  /** Below which URL clients reach the doors; may be set later. */
  readonly publicUrl?: string | undefined;
  /** Below which URLs clients reach the gateway that asks whether a request may pass. */
  readonly frontUrls?: readonly string[];
  /** Default: for this process alone. */
  readonly proofs?: ProofParts;
  /** What upstreams are told about callers is signed by it. Default: by a key of this process. */
  readonly signer?: AssertionSigner;
  /** What is known of upstreams that policies protect. Default: what this thread knows alone. */
  readonly protection?: Omit<ProtectorOptions, 'log'> | undefined;
  /** Whom to ask whether calls were approved that wait for a person. Default: nobody. */
  readonly approvals?: ApprovalSource | undefined;
  /** A test's clock, which must not go back either. */
  readonly now?: () => number;
};

/** An engine that serves nothing until `replace` is called. */
export function createEngine(options: EngineOptions): Engine {
  const { meter, log, upstream = {}, trustedProxies = [], now = createForwardClock(), limits = createLimits({ now }) } = options;
  const { signer = assertionSigner(newAssertionKey) } = options;
  const penalties = new Penalties();
  const networkOf = clientAddresses(trustedProxies);
  const addressOf = decidingAddresses(trustedProxies);
  const toldAddressOf = forwardedAddresses(trustedProxies);
  const certificates = { trustedProxies, header: options.clientCertHeader };
  const upstreams = createUpstreams(upstream);
  const relays = createRelays(upstream);
  const { proofs: parts = { memory: new SharedProofMemory(createProofMemory(), 1, now), nonceSecret: randomBytes(32) } } = options;
  const proofs = new ProofJudge({ ...parts, now, log });
  const fetch = issuerFetch(upstream);
  const tokens = new TokenJudge({ fetch, now, log });
  const prover = new Prover({ fetch, now, log, signer, issuer: () => engine.publicUrl, trusted: () => engine.snapshot.issuers });
  const protector = new Protector({ ...options.protection, log });
  addProtectionMetrics(meter.registry, protector.table);
  const { self = { name: 'stoa', title: 'STOA', version } } = options;
  const { mcpCommands: commands, keptCatalogs: kept } = options;
  const federation = new Federation({ relays, prover, log, self, kept, ...(commands !== undefined && { commands }) });
  let snapshot = emptySnapshot;
  let ready = false;
  const engine: Engine = {
    meter,
    limits,
    now,
    addressOf,
    toldAddressOf,
    certificateOf: clientCertificates(certificates),
    toldCertificateOf: toldCertificates(certificates),
    networkOf,
    refusalMayGo: (request) => penalties.wait(networkOf(request)),
    upstreams,
    relays,
    tokens,
    proofs,
    prover,
    protector,
    approvals: options.approvals ?? noApprovals,
    federation,
    signer,
    publicUrl: options.publicUrl,
    frontUrls: options.frontUrls ?? [],
    log,
    telemetry: options.telemetry,
    get snapshot() {
      return snapshot;
    },
    get ready() {
      return ready;
    },
    replace(next) {
      const previous = snapshot;
      snapshot = next;
      ready = true;
      meter.setGeneration(next.generation);
      if (next.origins !== previous.origins) {
        upstreams.retain(next.origins);
        relays.retain(next.origins);
      }
      federation.retain(next);
      if (next.limits !== previous.limits) limits.retain(next.limits);
    },
    async close() {
      await federation.close();
      await upstreams.close();
      relays.close();
      // An answer that has just arrived is metered in the turn after this one.
      await setImmediate();
      await meter.close();
    },
  };
  return engine;
}
