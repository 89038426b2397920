import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { DesiredItem } from '@stoa/generated/schemas.ts';
import { createLimits } from '../decide/limits.ts';
import { createSharedLimits } from '../decide/replicas/shared-limits.ts';
import { ProofsAway } from '../decide/proofs/proof-memory.ts';
import type { ProofMemory } from '../decide/proofs/proof-memory.ts';
import { createServing } from '../serving.ts';
import type { Serving } from '../serving.ts';
import type { StateToServe } from '../snapshot/snapshot.ts';
import type { RuntimeOptions } from '../runtime-options.ts';
import type { UsageSink } from '../metering/meter.ts';
import { Tally } from '../metering/tally.ts';
import { startTelling } from '../told.ts';
import { askedLeases } from './asked-leases.ts';
import { ThreadChannel } from './thread-channel.ts';
import type { SwappedIn, MainAnswers, StateChange, WorkerAnswers, WorkerData } from './questions.ts';

/** Whether this thread was started by `startWorkers`, rather than being the program itself. */
export const isWorker = (): boolean => !isMainThread && (workerData as Partial<WorkerData> | null)?.stoaWorker === true;

const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves in a worker: doors and pipeline are here, everything else is the main thread's. */
export async function serveAsWorker(options: RuntimeOptions): Promise<void> {
  const { number, limits: memory, leases: leaseMemory, proofs, tally: tallyMemory, tunnels, upstreams } = workerData as WorkerData;
  if (parentPort === null) throw new Error('There is no main thread to serve.');
  const tally = new Tally(tallyMemory);
  const { log, telemetry } = await startTelling(options, tally, number);
  const states = new States();
  const main: ThreadChannel<MainAnswers> = new ThreadChannel<MainAnswers>(parentPort, {
    items: (items) => states.take(items),
    apply: async (change) => {
      const outcome = await serving.apply(states.next(change));
      const { tools = 0, apis = 0 } = serving.measure();
      return { outcome, tools, apis } satisfies SwappedIn;
    },
    listen: (address) => serving.listen({ ...address, reusePort: true }),
    stop: async () => {
      await serving.stop();
      await telemetry?.stop();
    },
  } satisfies WorkerAnswers);
  const serving: Serving = createServing(options, {
    log,
    usage: usageOf(main),
    configState: () => main.ask('configState', undefined),
    metrics: { contentType: metricsType, metrics: () => main.ask('metrics', undefined) },
    tally,
    telemetry,
    owner: number,
    limits: (now) =>
      leaseMemory === undefined
        ? createLimits({ memory, owner: number, now })
        : createSharedLimits({ memory, leaseMemory, owner: number, now, source: askedLeases((ask) => main.ask('lease', ask)) }),
    // A channel that has ended has nobody to ask.
    approvals: { ask: (question) => main.ask('approval', question).catch(() => undefined) },
    proofs,
    replicaProofs: leaseMemory === undefined ? undefined : askedProofs(main),
    reported: (id, report) => void main.ask('reported', { id, report }).catch(() => undefined),
    tunnels: { memory: tunnels, owner: number },
    protection: { memory: upstreams, owner: number },
  });
}

/** What replicas remember together, as the main thread is told it. */
const askedProofs = (main: ThreadChannel<MainAnswers>): ProofMemory => ({
  async isFirstUse(proof, forMs) {
    const isFirst = await main.ask('useProof', { proof, forMs });
    if (isFirst === undefined) throw new ProofsAway('The main thread was not told which proofs were used.');
    return isFirst;
  },
});

/** Parts of usage that the main thread keeps. */
function usageOf(main: ThreadChannel<MainAnswers>): UsageSink {
  let parts = 0;
  return {
    open() {
      const part = (parts += 1);
      return { note: (records) => main.ask('note', { part, records }), close: (records) => main.ask('close', { part, records }) };
    },
  };
}

/** The items of this thread: its own copy, since threads share no objects. */
class States {
  readonly #items = new Map<string, DesiredItem>();
  #changed: DesiredItem[] = [];

  take(items: readonly DesiredItem[]): void {
    this.#changed.push(...items);
  }

  next({ generation, hash, removed: named, whole }: StateChange): StateToServe {
    const changed = this.#changed;
    this.#changed = [];
    const kept = new Set(whole ? changed.map(({ id }) => id) : []);
    const removed = whole ? [...this.#items.keys()].filter((id) => !kept.has(id)) : named;
    for (const id of removed) this.#items.delete(id);
    for (const item of changed) this.#items.set(item.id, item);
    return { generation, hash, items: this.#items, changed, removed };
  }
}
