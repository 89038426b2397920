import type { MouseEvent } from 'react';
import { filtersHref, isFiltering } from './filters.ts';
import type { Filters } from './filters.ts';
import type { FleetView } from './fleet-view.ts';
import { livenessText } from './liveness.ts';
import { LivenessIcon } from './liveness-badge.tsx';
import { setFilters } from './use-filters.ts';

/** Chooses by environment and by liveness. Every choice is a link, so that it can be opened, kept and sent. */
export function FilterBar({ view, filters }: { view: FleetView; filters: Filters }) {
  const { environment, liveness } = filters;
  if (view.total === 0 && !isFiltering(filters)) return null;
  const kinds = liveness === undefined || view.kinds.includes(liveness) ? view.kinds : [...view.kinds, liveness];
  const all = view.counts && [...view.counts.values()].reduce((sum, count) => sum + count, 0);
  return (
    <section className="filters" aria-label="Filters">
      <label className="filter-environment">
        Environment
        <select value={environment ?? ''} onChange={(event) => setFilters({ environment: event.target.value || undefined, liveness })}>
          <option value="">All</option>
          {view.environments.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <ul className="chips" aria-label="Liveness">
        <li>
          <FilterLink to={{ environment, liveness: undefined }} chosen={liveness === undefined} label="Any state" count={all} />
        </li>
        {kinds.map((kind) => (
          <li key={kind}>
            <FilterLink
              to={{ environment, liveness: kind }}
              chosen={kind === liveness}
              label={livenessText(kind).label}
              kind={kind}
              count={view.counts?.get(kind)}
            />
          </li>
        ))}
      </ul>
      {isFiltering(filters) && (
        <a className="clear" href={filtersHref(noFilters)} onClick={(event) => follow(event, noFilters)}>
          Clear filters
        </a>
      )}
    </section>
  );
}

export const noFilters: Filters = { environment: undefined, liveness: undefined };

type FilterLinkProps = { to: Filters; chosen: boolean; label: string; kind?: string; count: number | undefined };

function FilterLink({ to, chosen, label, kind, count }: FilterLinkProps) {
  return (
    <a className="chip" href={filtersHref(to)} aria-current={chosen ? 'true' : undefined} onClick={(event) => follow(event, to)}>
      {kind !== undefined && <LivenessIcon kind={kind} />}
      {label} {count !== undefined && <span className="chip-count">{count.toLocaleString('en')}</span>}
    </a>
  );
}

/** Filters in place; a click that wants a new tab or window is the browser's. */
export function follow(event: MouseEvent, to: Filters): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  setFilters(to);
}
