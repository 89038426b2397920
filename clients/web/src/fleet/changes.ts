import type { Gateway, GatewayChanges, GatewayList, GatewayModes, LivenessCounts } from '@stoa/generated/schemas.ts';
import type { FleetSnapshot } from './read-fleet.ts';
import { livenessText } from './liveness.ts';

const maxNamed = 3;

/** What changed, in one sentence or two, for those who hear the page instead of seeing it; empty when nothing did. */
export function describeChanges({ transitions, more }: Pick<GatewayChanges, 'transitions' | 'more'>): string {
  const sentences = transitions.slice(0, maxNamed).map(({ instance_name, was, liveness }) => {
    if (liveness === undefined) return `${instance_name} was forgotten.`;
    const state = livenessText(liveness).label.toLowerCase();
    return was === undefined ? `${instance_name} appeared, ${state}.` : `${instance_name} is now ${state}.`;
  });
  const others = transitions.length - sentences.length + more;
  return others > 0 ? `${sentences.join(' ')} And ${others.toLocaleString('en')} more changes.` : sentences.join(' ');
}

/** The snapshot with what an event says of it: counts, brakes, and the liveness of instances that are shown. The order is the server's to change. */
export function applyChanges(snapshot: FleetSnapshot, changes: GatewayChanges): FleetSnapshot {
  const states = new Map(changes.transitions.map(({ gateway_id, liveness }) => [gateway_id, liveness]));
  const follow = (gateway: Gateway): Gateway => {
    const liveness = states.get(gateway.gateway_id);
    return liveness === undefined || liveness === gateway.liveness ? gateway : { ...gateway, liveness };
  };
  const lists = new Map([...snapshot.lists].map(([mode, list]): [string, GatewayList] => [mode, { ...list, items: list.items.map(follow) }]));
  return { ...snapshot, lists, modes: { ...applyCounts(snapshot.modes, changes), as_of: changes.as_of, brakes: changes.brakes } };
}

function applyCounts(modes: GatewayModes, { counts }: GatewayChanges): GatewayModes {
  if (counts.length === 0) return modes;
  return {
    ...modes,
    modes: modes.modes.map((summary) => {
      const byName = new Map(summary.environments?.map(({ environment, counts: these }) => [environment, { ...these }]));
      for (const { gateway_mode, environment, liveness, count } of counts) {
        if (gateway_mode !== summary.gateway_mode) continue;
        const these = byName.get(environment) ?? { ...noCounts };
        these[liveness] = count;
        byName.set(environment, these);
      }
      const environments = [...byName].map(([environment, these]) => ({ environment, counts: these }));
      const sums = sumOf(environments.map((each) => each.counts));
      return { ...summary, environments, counts: sums, total: Object.values(sums).reduce((sum, count) => sum + count, 0) };
    }),
  };
}

const noCounts: LivenessCounts = { online: 0, late: 0, offline: 0, left: 0, revoked: 0, conflict: 0 };

export function sumOf(all: readonly LivenessCounts[]): LivenessCounts {
  const sums = { ...noCounts };
  for (const counts of all) for (const kind of Object.keys(sums) as (keyof LivenessCounts)[]) sums[kind] += counts[kind];
  return sums;
}
