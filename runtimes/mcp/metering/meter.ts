import type { DoorName, RefusedCalls, UsageRecord } from '@stoa/generated/schemas.ts';
import { upperBoundsS } from '@stoa/lib/latency-buckets.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { UsagePart } from '@stoa/control-plane-client/types.ts';
import { maxRecordsOfPart } from '@stoa/control-plane-client/usage-spool.ts';
import type { Registry } from 'prom-client';
import { createMetrics } from './metrics.ts';
import type { ContentFinding, OperationEntry } from '../model.ts';
import { Tally } from './tally.ts';
import type { FindingWay, MeteredOutcome } from './tally.ts';

export type { MeteredOutcome } from './tally.ts';

/** Where usage goes. */
export type UsageSink = { open(): UsagePart };
export type { UsagePart } from '@stoa/control-plane-client/types.ts';

export type CallMetering = {
  readonly door: DoorName;
  /** Undefined where the call meant none; such calls are in the usage of whoever made them, and where nobody was identified only its refusals are told. */
  readonly operation: OperationEntry | undefined;
  readonly consumerId: string | undefined;
  /** By which the consumer was identified. */
  readonly keyId: string | undefined;
  readonly outcome: MeteredOutcome;
  /** What was decided, where more is known of a refusal than its outcome: what kind it is, and by which policy. */
  readonly decided?: { readonly kind: string; readonly policy?: string } | undefined;
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** From where it came; asked only of some that are refused. */
  readonly addressOf?: (() => string | undefined) | undefined;
};

export type Meter = {
  record(call: CallMetering): void;
  /** Counts what a policy found in a body that goes this way. */
  found(way: FindingWay, finding: Pick<ContentFinding, 'name' | 'action'>): void;
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

/** How long a call may be known to this process alone: that much is lost when it is killed. */
const noteAfterMs = 50;
/** Sums written down of one window, about 7 MB: beyond, the rest of the window is counted anew. */
const maxNoted = 20_000;
/** Records kept while the spool fails: about 50 MB. What exceeds it is lost, counted and logged (lesson 30). */
const maxWaiting = 100_000;

const noLatency: readonly number[] = Array.from({ length: upperBoundsS.length + 1 }, () => 0);

/** Of a call that meant no operation, as the contract spells it. */
const noApi = '00000000-0000-0000-0000-000000000000';

const maxAddressChars = 64;

const deniedOutcomes: ReadonlySet<MeteredOutcome> = new Set([
  'unauthenticated',
  'unknown',
  'forbidden',
  'rate_limited',
  'too_large',
  'undecided',
  'invalid_arguments',
  'content_refused',
  'unapproved',
]);

type Sum = {
  readonly usage: Required<Omit<UsageRecord, 'consumer_id' | 'new_key_ids' | 'refusals'>> &
    Pick<UsageRecord, 'consumer_id'> & { new_key_ids?: string[]; refusals?: RefusedCalls[] };
  /** Whether calls were added since it was written down. */
  isChanged: boolean;
};
type Window = {
  readonly startMs: number;
  readonly part: UsagePart;
  readonly sums: Map<string, Sum>;
  /** The last sum of each operation, found again without its long key when the same consumer calls through the same door. */
  readonly latest: Map<OperationEntry | undefined, Sum>;
  changed: Sum[];
  noted: number;
};
type Closed = { readonly part: UsagePart; readonly records: readonly UsageRecord[] };

/**
 * Adds calls up by API, operation, consumer and door in windows of time. What a window has come to is written down some times a second, so that
 * a process that is killed loses no more than that; a window that is over becomes a batch of the spool.
 */
export function createMeter({ spool, log, tally = new Tally(), windowMs = 10_000, registry, now = Date.now }: MeterOptions): Meter {
  const metrics = createMetrics([tally], registry);
  let open: Window | undefined;
  const waiting: Closed[] = [];
  let flushing: Promise<void> = Promise.resolve();
  let noting: NodeJS.Timeout | undefined;
  let isNoteFailing = false;
  const told = new ToldKeys();

  const countWaiting = (): number => (tally.usageWaiting = waiting.reduce((sum, { records }) => sum + records.length, 0));
  const closeWindow = (): void => {
    if (open === undefined) return;
    waiting.push({ part: open.part, records: [...open.sums.values()].map(recordOf) });
    open = undefined;
    let lost = 0;
    for (let excess = countWaiting() - maxWaiting; lost < excess; ) {
      const { part, records } = waiting.shift() as Closed;
      lost += records.length;
      part.close([]).catch(() => undefined);
    }
    if (lost === 0) return;
    countWaiting();
    tally.usageLost += lost;
    // They may have told of keys.
    told.forget();
    log.error({ lost }, 'Usage records were given up: the spool has failed for too long.');
  };
  const windowNow = (): Window => {
    const startMs = windowStart(now(), windowMs);
    if (open !== undefined && (open.startMs !== startMs || open.sums.size >= maxRecordsOfPart || open.noted >= maxNoted)) {
      closeWindow();
      void flush();
    }
    return (open ??= { startMs, part: spool.open(), sums: new Map(), latest: new Map(), changed: [], noted: 0 });
  };

  const handOver = async (): Promise<void> => {
    for (let [oldest] = waiting; oldest !== undefined; [oldest] = waiting) {
      try {
        await oldest.part.close(oldest.records);
      } catch (error) {
        log.warn({ err: error, waiting: tally.usageWaiting }, 'The usage spool did not take a batch; it is kept and tried again.');
        return;
      }
      // It may have been given up meanwhile, when the spool failed for long.
      if (waiting[0] === oldest) waiting.shift();
      countWaiting();
    }
  };
  const flush = (): Promise<void> => {
    if (open !== undefined && windowStart(now(), windowMs) !== open.startMs) closeWindow();
    flushing = flushing.then(handOver);
    return flushing;
  };

  /** One writing at a time: on a slow disk the next one has more to write. */
  const note = async (): Promise<void> => {
    const window = open;
    const changed = window?.changed ?? [];
    if (window === undefined || changed.length === 0) return;
    window.changed = [];
    window.noted += changed.length;
    const records = changed.map(recordOf);
    for (const sum of changed) sum.isChanged = false;
    try {
      await window.part.note(records);
      isNoteFailing = false;
    } catch (error) {
      if (!isNoteFailing)
        log.error({ err: error }, 'Usage cannot be written down: were this process killed now, up to ten seconds of it would be lost.');
      isNoteFailing = true;
    }
  };
  const noteSoon = (): void => {
    noting ??= setTimeout(
      () =>
        void note().then(() => {
          noting = undefined;
          if (open !== undefined && open.changed.length > 0) noteSoon();
        }),
      noteAfterMs,
    ).unref();
  };

  const timer = setInterval(() => void flush(), windowMs);
  timer.unref();

  return {
    registry: metrics.registry,
    setGeneration: metrics.setGeneration,
    found: (way, finding) => tally.addFinding(way, finding),
    record(call) {
      const bucket = tally.add(call.door, call.outcome, call.durationMs);
      if (call.operation === undefined && call.consumerId === undefined && !deniedOutcomes.has(call.outcome)) return;
      const window = windowNow();
      const sum = add(window, call, bucket);
      told.tell(sum.usage, call.keyId);
      if (sum.isChanged) return;
      sum.isChanged = true;
      window.changed.push(sum);
      noteSoon();
    },
    flush,
    async close() {
      clearInterval(timer);
      clearTimeout(noting);
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

  tell(record: Sum['usage'], keyId: string | undefined): void {
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

function add(window: Window, call: CallMetering, bucket: number): Sum {
  const latest = window.latest.get(call.operation);
  const sum = latest?.usage.consumer_id === call.consumerId && latest?.usage.door === call.door ? latest : sumOf(window, call);
  if (sum !== latest) window.latest.set(call.operation, sum);
  const { usage } = sum;
  const isDenied = call.outcome !== 'ok' && deniedOutcomes.has(call.outcome);
  if (isDenied) refuse(usage, call);
  // Usage is of what there is, or of whom: what nobody known asks of nothing is told as refused alone.
  if (call.operation === undefined && call.consumerId === undefined) return sum;
  usage.calls += 1;
  if (call.outcome === 'upstream_error') usage.errors += 1;
  else if (isDenied) usage.denied += 1;
  usage.duration_ms += call.durationMs;
  usage.request_bytes += call.requestBytes;
  usage.response_bytes += call.responseBytes;
  (usage.latency[bucket] as number) += 1;
  return sum;
}

/** What `forbidden` means where somebody known asks for something that he may otherwise do. */
const finerReasons: ReadonlySet<string> = new Set(['address_refused', 'time_refused', 'not_permitted', 'scopes_missing']);
/** So many are told with their policy. With one of each reason they are no more than the contract takes. */
const maxWithPolicy = 4;

/** Of each reason and policy one, with the address of the first: a flood of refusals takes no more room than one. */
function refuse(usage: Sum['usage'], { outcome, decided, addressOf }: CallMetering): void {
  const refusals = (usage.refusals ??= []);
  const reason = decided !== undefined && finerReasons.has(decided.kind) ? decided.kind : outcome;
  const isToldBy = (policy: string | undefined) => refusals.find((each) => each.reason === reason && each.policy === policy);
  const isRoom = refusals.filter((each) => each.policy !== undefined).length < maxWithPolicy;
  const policy = isRoom || isToldBy(decided?.policy) !== undefined ? decided?.policy : undefined;
  const known = isToldBy(policy);
  if (known !== undefined) {
    known.calls += 1;
    return;
  }
  const address = addressOf?.();
  refusals.push({
    reason,
    calls: 1,
    ...(policy !== undefined && { policy }),
    ...(address !== undefined && { address: address.slice(0, maxAddressChars) }),
  });
}

function sumOf({ startMs, sums }: Window, call: CallMetering): Sum {
  const apiId = call.operation?.api.id ?? noApi;
  const operationId = call.operation?.operationId ?? '';
  const key = `${call.door} ${apiId} ${call.consumerId ?? ''} ${operationId}`;
  let sum = sums.get(key);
  if (sum === undefined) {
    const usage = {
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
      latency: Array.from(noLatency),
    };
    sum = { usage, isChanged: false };
    sums.set(key, sum);
  }
  return sum;
}

/** As it stands now, its duration to a microsecond. */
function recordOf({ usage }: Sum): UsageRecord {
  const { refusals } = usage;
  const told = refusals === undefined ? {} : { refusals: refusals.map((each) => ({ ...each })) };
  return { ...usage, ...told, latency: [...usage.latency], duration_ms: Math.round(usage.duration_ms * 1000) / 1000 };
}
