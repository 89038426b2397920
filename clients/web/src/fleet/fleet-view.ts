import type { Brake, Gateway, GatewayModeSummary, LivenessCounts } from '@stoa/generated/schemas.ts';
import type { FleetSnapshot } from './read-fleet.ts';
import { sumOf } from './changes.ts';
import { sameFilters } from './filters.ts';
import type { Filters } from './filters.ts';
import { livenessKinds } from './liveness.ts';

/** What one section shows. `matching` counts those that match the filters, undefined where only the server knows; `hasMore` says that not all of them are here. */
export type SectionView = {
  summary: GatewayModeSummary;
  /** Instances that have not left. */
  present: number;
  shown: readonly Gateway[];
  matching: number | undefined;
  hasMore: boolean;
  isSearching: boolean;
};

export type FleetView = {
  asOf: string;
  /** Every environment that occurs, sorted; the chosen one too, even if nothing is in it. */
  environments: readonly string[];
  total: number;
  /** How many instances of the chosen environment are in each state. */
  counts: LivenessCounts;
  /** The states that occur. */
  kinds: readonly string[];
  conflicts: readonly Gateway[];
  brakes: readonly Brake[];
  sections: readonly SectionView[];
};

/** Puts what was read into the form of the page. Pure: the same snapshot and filters give the same page. */
export function viewFleet(snapshot: FleetSnapshot, filters: Filters): FleetView {
  const { modes, as_of: asOf, brakes = [] } = snapshot.modes;
  const environments = new Set(modes.flatMap((mode) => mode.environments?.map(({ environment }) => environment) ?? []));
  if (filters.environment !== undefined) environments.add(filters.environment);
  const everyone = sumOf(modes.map(({ counts }) => counts));
  return {
    asOf,
    environments: [...environments].sort(),
    total: modes.reduce((sum, { total }) => sum + total, 0),
    counts: sumOf(modes.map((summary) => countsIn(summary, filters.environment))),
    kinds: livenessKinds.filter((kind) => everyone[kind] > 0),
    conflicts: [...snapshot.lists.values()].flatMap(({ items }) => items).filter(({ liveness }) => liveness === 'conflict'),
    brakes,
    sections: modes.map((summary) => viewSection(summary, snapshot, filters)),
  };
}

function countsIn(summary: GatewayModeSummary, environment: string | undefined): LivenessCounts {
  if (environment === undefined) return summary.counts;
  return sumOf((summary.environments ?? []).filter((each) => each.environment === environment).map(({ counts }) => counts));
}

/** How many of the counted a view shows: who has left is out of it, unless asked for. */
export function presentOf(counts: LivenessCounts, liveness: string | undefined): number {
  if (liveness !== undefined) return liveness in counts ? counts[liveness as keyof LivenessCounts] : 0;
  return Object.values(counts).reduce((sum, count) => sum + count, 0) - counts.left;
}

function viewSection(summary: GatewayModeSummary, snapshot: FleetSnapshot, filters: Filters): SectionView {
  const { items, next_cursor } = snapshot.lists.get(summary.gateway_mode) ?? { items: [], next_cursor: null };
  const isSearching = !sameFilters(snapshot.filters, filters);
  const matching = filters.search === undefined ? presentOf(countsIn(summary, filters.environment), filters.liveness) : undefined;
  return { summary, present: presentOf(summary.counts, undefined), shown: items, matching, hasMore: next_cursor !== null, isSearching };
}
