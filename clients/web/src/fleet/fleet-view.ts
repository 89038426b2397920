import type { Gateway, GatewayModeSummary } from '@stoa/generated/schemas.ts';
import type { FleetSnapshot } from '../api.ts';
import { isFiltering, matches, sameFilters } from './filters.ts';
import type { Filters } from './filters.ts';
import { livenessKinds } from './liveness.ts';

/** What one section shows. `notice` says, in a sentence, what the page cannot show. */
export type SectionView = { summary: GatewayModeSummary; shown: readonly Gateway[]; notice: string | undefined };

export type FleetView = {
  asOf: string;
  /** Every environment that occurs, sorted; the chosen one too, even if nothing is in it. */
  environments: readonly string[];
  total: number;
  /** How many instances of the chosen environment are in each state; undefined where the page has not seen them all. */
  counts: ReadonlyMap<string, number> | undefined;
  /** The states that occur. */
  kinds: readonly string[];
  conflicts: readonly Gateway[];
  sections: readonly SectionView[];
};

/** Puts a filter over what was read. Pure: the same snapshot and filters give the same page. */
export function viewFleet(snapshot: FleetSnapshot, filters: Filters): FleetView {
  const { modes, as_of: asOf } = snapshot.modes;
  const everyone = modes.flatMap(({ instances }) => instances);
  const environments = new Set(everyone.map(({ environment }) => environment));
  if (filters.environment !== undefined) environments.add(filters.environment);
  return {
    asOf,
    environments: [...environments].sort(),
    total: modes.reduce((sum, { total }) => sum + total, 0),
    counts: countByLiveness(modes, filters.environment),
    kinds: livenessKinds.filter((kind) => modes.some(({ counts }) => counts[kind] > 0)),
    conflicts: everyone.filter(({ liveness }) => liveness === 'conflict'),
    sections: modes.map((summary) => viewSection(summary, snapshot, filters)),
  };
}

function countByLiveness(modes: readonly GatewayModeSummary[], environment: string | undefined): Map<string, number> | undefined {
  if (environment === undefined) return new Map(livenessKinds.map((kind) => [kind, modes.reduce((sum, { counts }) => sum + counts[kind], 0)]));
  if (modes.some(({ more }) => more > 0)) return undefined;
  const there = modes.flatMap(({ instances }) => instances).filter((gateway) => gateway.environment === environment);
  return new Map(livenessKinds.map((kind) => [kind, there.filter(({ liveness }) => liveness === kind).length]));
}

function viewSection(summary: GatewayModeSummary, snapshot: FleetSnapshot, filters: Filters): SectionView {
  const { gateway_mode, instances, more } = summary;
  const search = sameFilters(snapshot.filters, filters) ? snapshot.searches.get(gateway_mode) : undefined;
  const shown = (search?.items ?? instances).filter((gateway) => matches(gateway, filters)).sort(byName);
  return { summary, shown, notice: noticeOf(gateway_mode, shown.length, more, isFiltering(filters), search && search.next_cursor !== null) };
}

function noticeOf(mode: string, shown: number, more: number, filtering: boolean, searchHasMore: boolean | undefined): string | undefined {
  if (more === 0) return undefined;
  const remedy = `GET /v1/gateways?gateway_mode=${mode} lists them all.`;
  if (!filtering) return `${more.toLocaleString('en')} more ${more === 1 ? 'instance is' : 'instances are'} not shown here. ${remedy}`;
  if (searchHasMore === undefined) return 'Searching all instances of this mode…';
  return searchHasMore ? `More instances match than the ${shown} shown here. ${remedy}` : undefined;
}

/** By name alone, so that rows keep their places when states change. */
const collator = new Intl.Collator('en', { numeric: true });
function byName(a: Gateway, b: Gateway): number {
  return collator.compare(a.instance_name, b.instance_name) || collator.compare(a.environment, b.environment);
}
