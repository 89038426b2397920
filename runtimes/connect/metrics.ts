import type { AgentStatus } from './engine/agent.ts';

/** Name → number of what the agent says of itself and of its gateway: for heartbeats as they are, for Prometheus with the prefix `stoa_connect_`. */
export function measure(status: AgentStatus, health: Readonly<Record<string, number>>): Record<string, number> {
  return {
    target_up: status.targetReachable === true ? 1 : 0,
    ...health,
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
  target_ready: 'Whether the third-party gateway says that it serves; absent where it does not say.',
  target_certificate_ends_at_seconds: 'When the first of its certificates ends, in seconds since 1970.',
  target_error_ratio: 'Share of its answers in the last minute that were faults of a server, from 0 to 1.',
  passes_total: 'Passes over the third-party gateway since the start.',
  failed_passes_total: 'Passes that the third-party gateway could not be worked on in.',
  writes_total: 'Objects written or deleted.',
  drift_objects: 'Objects that the last pass found different from what was applied.',
  drift_repaired_total: 'Objects found different and repaired.',
  managed_objects: 'Objects in the third-party gateway that are ours.',
  rejected_items: 'Items of the configuration that are not in force.',
  memory_rss_bytes: 'Resident memory of the process.',
};

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The metrics of a Connect in the Prometheus text format 0.0.4 ("Exposition formats"). By hand, because prom-client costs 20 MB of
 * resident memory, and these have neither labels nor histograms. What only rises is a counter, and says so by its name.
 */
export function renderMetrics(status: AgentStatus, health: Readonly<Record<string, number>>): string {
  const metrics = Object.entries(measure(status, health)).map(([name, value]) => {
    const type = name.endsWith('_total') ? 'counter' : 'gauge';
    return `# HELP stoa_connect_${name} ${help[name] ?? name}\n# TYPE stoa_connect_${name} ${type}\nstoa_connect_${name} ${value}\n`;
  });
  return metrics.join('');
}
