import { setTimeout as delay } from 'node:timers/promises';
import type { ApplyOutcome } from '@stoa/control-plane-client/types.ts';
import type { RuntimeConfigState } from '@stoa/generated/schemas.ts';
import { createHttpServer } from '@stoa/lib/http-server.ts';
import type { HttpServerSettings } from '@stoa/lib/http-server.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Address } from '@stoa/lib/setting.ts';
import { createLimitMemory, LimitTable } from '../decide/limit-table.ts';
import { createSharedProofs, SharedProofMemory } from '../decide/proofs/proof-memory.ts';
import type { Replicas } from '../decide/replicas/replicas.ts';
import { createTunnelMemory, Tunnels } from '../doors/rest/tunnels.ts';
import type { ApprovalSource } from '../decide/approvals.ts';
import type { UsageSink } from '../metering/meter.ts';
import { createMetrics } from '../metering/metrics.ts';
import type { Serving, ServingParts } from '../serving.ts';
import type { StateToServe } from '../snapshot/snapshot.ts';
import { createTallyMemory, Tally, total } from '../metering/tally.ts';
import { addProtectionMetrics, circuitsOpen } from '../upstream/protection/metrics.ts';
import { createUpstreamMemory, UpstreamTable } from '../upstream/protection/upstream-table.ts';
import { Member } from './member.ts';
import { KeptParts } from './kept-parts.ts';
import { LastReports } from './last-reports.ts';
import type { SwappedIn } from './questions.ts';

export type WorkersOptions = {
  /** The module that a worker starts with. */
  readonly entry: URL;
  readonly count: number;
  readonly settings: HttpServerSettings;
  readonly log: Logger;
  readonly usage: UsageSink;
  readonly configState: () => RuntimeConfigState;
  /** What the thread itself counts, beside them. */
  readonly tally: Tally;
  /** Told what was found at an MCP server. */
  readonly reported?: ServingParts['reported'];
  /** With which limits are counted; each instance counts alone when absent. */
  readonly replicas?: Replicas | undefined;
  readonly approvals: ApprovalSource;
};

/** A worker that ends sooner than that is started again more and more slowly. */
const healthyMs = 10_000;
const longestPauseMs = 30_000;

/** Starts workers, which share a port, the counters of limits and this thread's way to the Control Plane. */
export function startWorkers(options: WorkersOptions): Serving {
  return new Pool(options);
}

class Pool implements Serving {
  readonly #options: WorkersOptions;
  readonly #limits: SharedArrayBuffer;
  readonly #table: LimitTable;
  readonly #proofs = createSharedProofs();
  readonly #proofMemory = new SharedProofMemory(this.#proofs.memory, 2 ** 30, createForwardClock());
  readonly #tunnels = createTunnelMemory();
  readonly #upstreams = createUpstreamMemory();
  readonly #protected = new UpstreamTable(this.#upstreams, 2 ** 30);
  readonly #tallyMemories: readonly SharedArrayBuffer[];
  readonly #tallies: readonly Tally[];
  readonly #metrics: ReturnType<typeof createMetrics>;
  /** By their numbers, but for one that has ended and whose successor is not there yet. */
  readonly #members = new Map<number, Member>();
  #latest: StateToServe | undefined;
  #applied: SwappedIn | undefined;
  #address: Address | undefined;
  #quickEnds = 0;
  #isStopping = false;
  readonly #stopped = new AbortController();
  readonly #reports = new LastReports();
  #arrival = Promise.withResolvers<void>();

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#limits = options.replicas?.shared.memory ?? createLimitMemory();
    this.#table = new LimitTable(this.#limits, 2 ** 30, createForwardClock());
    const numbers = Array.from({ length: options.count }, (_, index) => index + 1);
    this.#tallyMemories = numbers.map(() => createTallyMemory());
    this.#tallies = this.#tallyMemories.map((memory) => new Tally(memory));
    this.#metrics = createMetrics([...this.#tallies, options.tally]);
    options.replicas?.addMetrics(this.#metrics.registry);
    addProtectionMetrics(this.#metrics.registry, this.#protected);
    for (const number of numbers) this.#start(number);
  }

  get ready(): boolean {
    return this.#applied !== undefined;
  }

  /** Resolves once every worker that lives serves the state: one that takes the place of another listens only when it does. */
  async apply(state: StateToServe): Promise<ApplyOutcome> {
    const before = this.#latest;
    this.#latest = state;
    try {
      const applied = await this.#applyInAll(state, before);
      this.#applied = applied;
      this.#metrics.setGeneration(state.generation);
      return applied.outcome;
    } catch (error) {
      // It was not taken: what comes next is told relative to the one before.
      this.#latest = before;
      throw error;
    }
  }

  async #applyInAll(state: StateToServe, before: StateToServe | undefined): Promise<SwappedIn> {
    while (!this.#isStopping) {
      const arrival = this.#arrival.promise;
      const applying = [...this.#members.values()].map((member) =>
        member.apply(state, before).catch((error: unknown) => {
          // One that has ended takes no part in a change.
          if (member.hasEnded) return undefined;
          throw error;
        }),
      );
      const [applied] = (await Promise.all(applying)).filter((each) => each !== undefined);
      if (applied !== undefined) return applied;
      await arrival;
    }
    throw new Error('The workers are stopping.');
  }

  /** The address is tried alone first: who shares a port by mistake, with another program, would get half of its requests. */
  async listen({ host, port }: Address): Promise<string> {
    const { settings, log } = this.#options;
    const trial = createHttpServer(settings, () => {}, log);
    const url = await listen(trial, { host, port });
    const taken = { host, port: port === 0 ? Number(new URL(url).port) : port };
    await closeGracefully(trial, 0);
    this.#address = taken;
    await Promise.all([...this.#members.values()].map((member) => member.listen(taken)));
    return url;
  }

  measure(): Record<string, number> {
    return {
      requests_total: total(this.#tallies, ({ requests }) => requests),
      tools: this.#applied?.tools ?? 0,
      apis: this.#applied?.apis ?? 0,
      streams: total(this.#tallies, ({ streams }) => streams),
      circuits_open: circuitsOpen(this.#protected),
    };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopped.abort();
    this.#arrival.resolve();
    await Promise.all([...this.#members.values()].map((member) => member.stop()));
  }

  #start(number: number): Member {
    const tally = this.#tallyMemories[number - 1] as SharedArrayBuffer;
    const { configState, usage, replicas, approvals, reported } = this.#options;
    const parts = new KeptParts(usage);
    const member = new Member(
      this.#options.entry,
      {
        stoaWorker: true,
        number,
        limits: this.#limits,
        leases: replicas?.shared.leaseMemory,
        proofs: this.#proofs,
        tally,
        tunnels: this.#tunnels,
        upstreams: this.#upstreams,
      },
      {
        configState,
        metrics: () => this.#metrics.registry.metrics(),
        lease: (ask) => replicas?.source.lease(ask) ?? Promise.resolve(),
        approval: (question) => approvals.ask(question),
        useProof: ({ proof, forMs }) => replicas?.proofs.isFirstUse(proof, forMs).catch(() => undefined) ?? Promise.resolve(true),
        // Each worker finds the same, at about the same time.
        reported: ({ id, report }) => this.#reports.tell(id, report, reported),
        note: (part) => parts.note(part),
        close: (part) => parts.close(part),
      },
    );
    this.#members.set(number, member);
    void member.ended.then((code) => Promise.all([this.#replace(member, code), this.#count(parts)]));
    return member;
  }

  /** What a worker that has ended had counted and not handed over. Never rejects. */
  #count(parts: KeptParts): Promise<void> {
    return parts.closeAll().catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'Usage of a worker that has ended waits in its journal for the next start of this program.');
    });
  }

  /** Never rejects. The successor counts on where the other has ended, and is given the newest state before it listens. */
  async #replace({ number, startedAtMs }: Member, code: number): Promise<void> {
    this.#members.delete(number);
    this.#table.release(number);
    this.#proofMemory.release(number);
    new Tunnels({ memory: this.#tunnels }).release(number);
    this.#protected.release(number);
    (this.#tallies[number - 1] as Tally).streams = 0;
    if (this.#isStopping) return;
    this.#quickEnds = performance.now() - startedAtMs < healthyMs ? this.#quickEnds + 1 : 0;
    const pauseMs = this.#quickEnds === 0 ? 0 : Math.min(longestPauseMs, 250 * 2 ** this.#quickEnds);
    this.#options.log.error({ worker: number, exit_code: code, pause_ms: pauseMs }, 'A worker has ended and is replaced. The others go on.');
    await delay(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    if (this.#isStopping) return;
    const member = this.#start(number);
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers();
    try {
      if (this.#latest !== undefined) await member.apply(this.#latest, undefined);
      if (this.#address !== undefined) await member.listen(this.#address);
    } catch (error) {
      this.#options.log.error({ err: error, worker: number }, 'A worker did not come up.');
      await member.stop();
    }
  }
}
