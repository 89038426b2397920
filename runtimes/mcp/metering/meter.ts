import type { DoorName, UsageRecord } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Registry } from 'prom-client';
import { createMetrics } from './metrics.ts';
import type { OperationEntry } from '../model.ts';
import { Tally } from './tally.ts';
import type { MeteredOutcome } from './tally.ts';

export type { MeteredOutcome } from './tally.ts';

/** Where closed windows go. Resolves once the records are on disk; a rejection makes the meter keep them and try again. */
export type UsageSink = { append(records: readonly UsageRecord[]): Promise<void> };

export type CallMetering = {
  readonly door: DoorName;
  /** Undefined where the call meant none; such calls are in the usage of whoever made them, and in the metrics only where nobody was identified. */
  readonly operation: OperationEntry | undefined;
  readonly consumerId: string | undefined;
  /** By which the consumer was identified. */
  readonly keyId: string | undefined;
  readonly outcome: MeteredOutcome;
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
};

export type Meter = {
  record(call: CallMetering): void;
  setGeneration(generation: number): void;
  /** Metrics for `GET /metrics`: `await meter.registry.metrics()`. */
  readonly registry: Registry;
  /** Hands every closed window to the spool. Never rejects. */
  flush(): Promise<void>;
  /** Stops the clock and hands over the open window too. */
  close(): Promise<void>;
};

export type MeterOptions = {
  readonly spool: UsageSink;
  readonly log: Logger;
  /** Where it counts, for others to read; memory of its own when absent. */
  readonly tally?: Tally;
  /** Length of a window, aligned to the clock. Default 10 000. */
  readonly windowMs?: number;
  readonly registry?: Registry;
  readonly now?: () => number;
};

/** The contract's bound on one usage batch. */
const maxBatch = 5000;
/** Records kept while the spool fails: about 50 MB. What exceeds it is lost, counted and logged (lesson 30). */
const maxWaiting = 100_000;

/** Of a call that meant no operation, as the contract spells it. */
const noApi = '00000000-0000-0000-0000-000000000000';

const deniedOutcomes: ReadonlySet<MeteredOutcome> = new Set(['unauthenticated', 'unknown', 'forbidden', 'rate_limited', 'too_large', 'undecided']);

type Sum = Required<Omit<UsageRecord, 'consumer_id' | 'new_key_ids'>> & Pick<UsageRecord, 'consumer_id'> & { new_key_ids?: string[] };
type Open = {
  readonly startMs: number;
  readonly records: Map<string, Sum>;
  /** The last record of each operation, found again without its long key when the same consumer calls through the same door. */
  readonly latest: Map<OperationEntry | undefined, Sum>;
};

/** Adds calls up by API, operation, consumer and door in windows of time, and hands windows that are over to the spool. */
export function createMeter({ spool, log, tally = new Tally(), windowMs = 10_000, registry, now = Date.now }: MeterOptions): Meter {
  const metrics = createMetrics([tally], registry);
  let open: Open = { startMs: windowStart(now(), windowMs), records: new Map(), latest: new Map() };
  let waiting: UsageRecord[] = [];
  let flushing: Promise<void> = Promise.resolve();
  const told = new ToldKeys();

  const closeWindow = (): void => {
    for (const record of open.records.values()) waiting.push({ ...record, duration_ms: Math.round(record.duration_ms * 1000) / 1000 });
    open = { startMs: windowStart(now(), windowMs), records: new Map(), latest: new Map() };
    const excess = waiting.length - maxWaiting;
    if (excess > 0) {
      waiting = waiting.slice(excess);
      tally.usageLost += excess;
      // They may have told of keys.
      told.forget();
      log.error({ lost: excess }, 'Usage records were given up: the spool has failed for too long.');
    }
    tally.usageWaiting = waiting.length;
  };
  const closeWindowIfOver = (): void => {
    if (windowStart(now(), windowMs) !== open.startMs) closeWindow();
  };

  const handOver = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      try {
        await spool.append(batch);
      } catch (error) {
        log.warn({ err: error, waiting: waiting.length }, 'The usage spool did not take a batch; it is kept and tried again.');
        return;
      }
      // Some of the batch may have been dropped meanwhile, when the spool failed for long.
      const taken = new Set(batch);
      waiting = waiting.filter((record) => !taken.has(record));
      tally.usageWaiting = waiting.length;
    }
  };
  const flush = (): Promise<void> => {
    closeWindowIfOver();
    flushing = flushing.then(handOver);
    return flushing;
  };

  const timer = setInterval(() => void flush(), windowMs);
  timer.unref();

  return {
    registry: metrics.registry,
    setGeneration: metrics.setGeneration,
    record(call) {
      tally.add(call.door, call.outcome, call.durationMs);
      if (call.operation === undefined && call.consumerId === undefined) return;
      closeWindowIfOver();
      told.tell(add(open, call), call.keyId);
    },
    flush,
    async close() {
      clearInterval(timer);
      closeWindow();
      await flush();
    },
  };
}

/** The contract's bound on the keys that one record tells of. */
const maxKeysOfRecord = 64;
const maxTold = 100_000;

/** Which keys the Control Plane was told of: each once, in the record of a call by it, which reaches it whatever fails meanwhile. */
class ToldKeys {
  readonly #told = new Set<string>();
  /** Most calls come by the key that the one before came by. */
  #last: string | undefined;

  tell(record: Sum, keyId: string | undefined): void {
    if (keyId === this.#last || keyId === undefined) return;
    if (!this.#told.has(keyId)) {
      const keys = (record.new_key_ids ??= []);
      // Those beyond are told of in a later record.
      if (keys.length >= maxKeysOfRecord) return;
      if (this.#told.size >= maxTold) this.#told.clear();
      this.#told.add(keyId);
      keys.push(keyId);
    }
    this.#last = keyId;
  }

  forget(): void {
    this.#told.clear();
    this.#last = undefined;
  }
}

function windowStart(nowMs: number, windowMs: number): number {
  return nowMs - (nowMs % windowMs);
}

function add(open: Open, call: CallMetering): Sum {
  const latest = open.latest.get(call.operation);
  const record = latest?.consumer_id === call.consumerId && latest?.door === call.door ? latest : recordOf(open, call);
  if (record !== latest) open.latest.set(call.operation, record);
  record.calls += 1;
  if (call.outcome === 'upstream_error') record.errors += 1;
  else if (call.outcome !== 'ok' && deniedOutcomes.has(call.outcome)) record.denied += 1;
  record.duration_ms += call.durationMs;
  record.request_bytes += call.requestBytes;
  record.response_bytes += call.responseBytes;
  return record;
}

function recordOf({ startMs, records }: Open, call: CallMetering): Sum {
  const apiId = call.operation?.api.id ?? noApi;
  const operationId = call.operation?.operationId ?? '';
  const key = `${call.door} ${apiId} ${call.consumerId ?? ''} ${operationId}`;
  let record = records.get(key);
  if (record === undefined) {
    record = {
      window_start: new Date(startMs).toISOString(),
      api_id: apiId,
      operation_id: operationId,
      ...(call.consumerId === undefined ? {} : { consumer_id: call.consumerId }),
      door: call.door,
      calls: 0,
      errors: 0,
      denied: 0,
      duration_ms: 0,
      request_bytes: 0,
      response_bytes: 0,
    };
    records.set(key, record);
  }
  return record;
}
