import type { DoorName } from '@stoa/generated/schemas.ts';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric } from 'prom-client';
import { histogramMetric } from '@stoa/lib/histogram-metric.ts';
import type { CountedSeries } from '@stoa/lib/histogram-metric.ts';
import { upperBoundsS } from '@stoa/lib/latency-buckets.ts';
import { doorNames, findingNames } from '../model.ts';
import { findingActions, findingWays, outcomes, telemetrySignals, total } from './tally.ts';
import type { Tally } from './tally.ts';

export type Metrics = {
  readonly registry: Registry;
  setGeneration(generation: number): void;
};

/** The engine's metrics: what threads have counted becomes metrics when somebody asks for them. */
export function createMetrics(tallies: readonly Tally[], registry: Registry = new Registry()): Metrics {
  const registers = [registry];
  new Counter({
    name: 'stoa_calls_total',
    help: 'Calls decided upon, by door and outcome.',
    labelNames: ['door', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const door of doorNames) {
        for (const outcome of outcomes) {
          const calls = total(tallies, (tally) => tally.calls(door, outcome));
          if (calls > 0) this.inc({ door, outcome }, calls);
        }
      }
    },
  });
  registry.registerMetric(durationsOf(tallies));
  new Counter({
    name: 'stoa_guardrail_findings_total',
    help: 'What policies found in bodies, by the way these go, what it is, and what became of it.',
    labelNames: ['direction', 'finding', 'action'],
    registers,
    collect() {
      this.reset();
      for (const direction of findingWays) {
        for (const finding of findingNames) {
          for (const action of findingActions) {
            const count = total(tallies, (tally) => tally.findings(direction, { name: finding, action }));
            if (count > 0) this.inc({ direction, finding, action }, count);
          }
        }
      }
    },
  });
  const generation = new Gauge({
    name: 'stoa_snapshot_generation',
    help: 'Generation of the configuration being served; 0 before the first.',
    registers,
  });
  new Gauge({
    name: 'stoa_usage_records_waiting',
    help: 'Usage records that the spool has not taken yet.',
    registers,
    collect() {
      this.set(total(tallies, (tally) => tally.usageWaiting));
    },
  });
  new Counter({
    name: 'stoa_usage_records_lost_total',
    help: 'Usage records given up because the spool failed for too long.',
    registers,
    collect() {
      this.reset();
      this.inc(total(tallies, (tally) => tally.usageLost));
    },
  });
  new Counter({
    name: 'stoa_telemetry_dropped_total',
    help: 'Spans and lines of the log that the collector of OpenTelemetry did not take, by signal.',
    labelNames: ['signal'],
    registers,
    collect() {
      this.reset();
      for (const signal of telemetrySignals)
        this.inc(
          { signal },
          total(tallies, (tally) => tally.droppedTelemetry(signal)),
        );
    },
  });
  return { registry, setGeneration: (value) => generation.set(value) };
}

function durationsOf(tallies: readonly Tally[]): Metric {
  const seriesOf = (door: DoorName): CountedSeries => {
    const counts = tallies.map((tally) => tally.durations(door));
    return {
      labels: { door },
      counts: [...upperBoundsS, Infinity].map((_, at) => counts.reduce((sum, each) => sum + (each[at] ?? 0), 0)),
      sum: total(tallies, (tally) => tally.durationMs(door)) / 1000,
    };
  };
  return histogramMetric({
    name: 'stoa_call_duration_seconds',
    help: 'Time from the decision to the answer, by door.',
    bounds: upperBoundsS,
    series: () => doorNames.map(seriesOf),
  });
}
