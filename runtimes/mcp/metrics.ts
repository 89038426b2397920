import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric } from 'prom-client';
import { CallCounts, doors, outcomes, upperBoundsS } from './call-counts.ts';
import type { MeteredOutcome } from './call-counts.ts';
import type { Door } from './model.ts';

export type { MeteredOutcome } from './call-counts.ts';

export type Metrics = {
  readonly registry: Registry;
  count(door: Door, outcome: MeteredOutcome, durationMs: number): void;
  setGeneration(generation: number): void;
  setWaiting(records: number): void;
  countLost(records: number): void;
};

/** The engine's metrics. A call adds to a few numbers, which become metrics when somebody asks for them. */
export function createMetrics(registry: Registry = new Registry()): Metrics {
  const registers = [registry];
  const counts = new CallCounts();
  new Counter({
    name: 'stoa_calls_total',
    help: 'Calls decided upon, by door and outcome.',
    labelNames: ['door', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const door of doors) {
        for (const outcome of outcomes) {
          const calls = counts.calls(door, outcome);
          if (calls > 0) this.inc({ door, outcome }, calls);
        }
      }
    },
  });
  registry.registerMetric(durationsOf(counts));
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
  return {
    registry,
    count: (door, outcome, durationMs) => counts.add(door, outcome, durationMs),
    setGeneration: (value) => generation.set(value),
    setWaiting: (records) => waiting.set(records),
    countLost: (records) => lost.inc(records),
  };
}

/** The histogram of durations, as `prom-client` reads it: its own class can only be added to. */
function durationsOf(counts: CallCounts): Metric {
  const name = 'stoa_call_duration_seconds';
  const of = (door: Door) => {
    const { buckets, sumS } = counts.durations(door);
    let total = 0;
    const bounded = [...upperBoundsS, '+Inf'].map((le, index) => ({
      metricName: `${name}_bucket`,
      labels: { door, le },
      value: (total += buckets[index] ?? 0),
    }));
    return [
      ...bounded,
      { metricName: `${name}_sum`, labels: { door }, value: sumS },
      { metricName: `${name}_count`, labels: { door }, value: total },
    ];
  };
  const get = () => Promise.resolve({ name, help: 'Time from the decision to the answer, by door.', type: 'histogram', values: doors.flatMap(of) });
  // A registry needs no more of a metric than this, which its types do not say.
  return { name, get } as unknown as Metric;
}
