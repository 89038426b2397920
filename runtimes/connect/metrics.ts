import { Gauge, Registry } from 'prom-client';
import type { AgentStatus } from './agent.ts';

/** Name → number of what the agent says of itself: for heartbeats as they are, for Prometheus with the prefix `stoa_connect_`. */
export function measure(status: AgentStatus): Record<string, number> {
  return {
    target_up: status.targetReachable === true ? 1 : 0,
    passes_total: status.passes,
    failed_passes_total: status.failedPasses,
    writes_total: status.writes,
    drift_objects: status.driftObjects,
    drift_repaired_total: status.driftRepaired,
    managed_objects: status.managedObjects,
    rejected_items: status.rejectedItems,
    memory_rss_bytes: process.memoryUsage.rss(),
  };
}

const help: Readonly<Record<string, string>> = {
  target_up: 'Whether the third-party gateway could be worked on when last tried.',
  passes_total: 'Passes over the third-party gateway since the start.',
  failed_passes_total: 'Passes that the third-party gateway could not be worked on in.',
  writes_total: 'Objects written or deleted.',
  drift_objects: 'Objects that the last pass found different from what was applied.',
  drift_repaired_total: 'Objects found different and repaired.',
  managed_objects: 'Objects in the third-party gateway that are ours.',
  rejected_items: 'Items of the configuration that are not in force.',
  memory_rss_bytes: 'Resident memory of the process.',
};

/** The metrics of a Connect in the Prometheus text format, read when asked for. */
export function createMetrics(status: () => AgentStatus): Registry {
  const registry = new Registry();
  for (const [name, text] of Object.entries(help)) {
    const gauge: Gauge = new Gauge({
      name: `stoa_connect_${name}`,
      help: text,
      registers: [registry],
      collect: () => gauge.set(measure(status())[name] ?? 0),
    });
  }
  return registry;
}
