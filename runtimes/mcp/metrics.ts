import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Door } from './model.ts';

/** Outcomes as `stoa_calls_total` labels them. */
export type MeteredOutcome =
  | 'ok'
  | 'client_error'
  | 'upstream_error'
  | 'cancelled'
  | 'invalid_arguments'
  | 'unauthenticated'
  | 'unknown'
  | 'forbidden'
  | 'rate_limited'
  | 'too_large'
  | 'undecided';

export type Metrics = {
  readonly registry: Registry;
  count(door: Door, outcome: MeteredOutcome, durationMs: number): void;
  setGeneration(generation: number): void;
  setWaiting(records: number): void;
  countLost(records: number): void;
};

/** Upper bounds in seconds: a decision takes microseconds, a call as long as its upstream. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The engine's metrics. Label sets are closed, and each is looked up once, so that a call costs two additions. */
export function createMetrics(registry: Registry = new Registry()): Metrics {
  const registers = [registry];
  const calls = new Counter({
    name: 'stoa_calls_total',
    help: 'Calls decided upon, by door and outcome.',
    labelNames: ['door', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'stoa_call_duration_seconds',
    help: 'Time from the decision to the answer, by door.',
    labelNames: ['door'],
    buckets,
    registers,
  });
  const generation = new Gauge({
    name: 'stoa_snapshot_generation',
    help: 'Generation of the configuration being served; 0 before the first.',
    registers,
  });
  const waiting = new Gauge({ name: 'stoa_usage_records_waiting', help: 'Usage records that the spool has not taken yet.', registers });
  const lost = new Counter({
    name: 'stoa_usage_records_lost_total',
    help: 'Usage records given up because the spool failed for too long.',
    registers,
  });
  const callCounters = new Map<string, Counter.Internal>();
  const timers = { mcp: durations.labels('mcp'), authz: durations.labels('authz') };
  return {
    registry,
    count(door, outcome, durationMs) {
      const key = `${door} ${outcome}`;
      let counter = callCounters.get(key);
      if (counter === undefined) callCounters.set(key, (counter = calls.labels(door, outcome)));
      counter.inc();
      timers[door].observe(durationMs / 1000);
    },
    setGeneration: (value) => generation.set(value),
    setWaiting: (records) => waiting.set(records),
    countLost: (records) => lost.inc(records),
  };
}
