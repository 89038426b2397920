import { useEffect, useRef, useState } from 'react';
import type { MouseEvent } from 'react';
import { filtersHref, isFiltering, noFilters } from './filters.ts';
import type { Filters } from './filters.ts';
import { presentOf } from './fleet-view.ts';
import type { FleetView } from './fleet-view.ts';
import { isLiveness, livenessText } from './liveness.ts';
import { LivenessIcon } from './liveness-badge.tsx';
import { setFilters } from './use-filters.ts';

/** Chooses by a part of the name, by environment and by liveness. Every choice is in the address, so that it can be opened, kept and sent. */
export function FilterBar({ view, filters }: { view: FleetView; filters: Filters }) {
  const { environment, liveness, sort } = filters;
  if (view.total === 0 && !isFiltering(filters)) return null;
  const kinds = liveness === undefined || view.kinds.includes(liveness) ? view.kinds : [...view.kinds, liveness];
  return (
    <section className="filters" aria-label="Filters">
      <SearchBox filters={filters} />
      <label className="filter-field">
        Environment
        <select value={environment ?? ''} onChange={(event) => setFilters({ ...filters, environment: event.target.value || undefined })}>
          <option value="">All</option>
          {view.environments.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className="filter-field">
        Order
        <select
          value={sort === 'registered' ? sort : 'worst'}
          onChange={(event) => setFilters({ ...filters, sort: event.target.value === 'worst' ? undefined : event.target.value })}
        >
          <option value="worst">Worst first</option>
          <option value="registered">Oldest first</option>
        </select>
      </label>
      <ul className="chips" aria-label="Liveness">
        <li>
          <FilterLink
            to={{ ...filters, liveness: undefined }}
            chosen={liveness === undefined}
            label="Any state"
            count={presentOf(view.counts, undefined)}
          />
        </li>
        {kinds.map((kind) => (
          <li key={kind}>
            <FilterLink
              to={{ ...filters, liveness: kind }}
              chosen={kind === liveness}
              label={livenessText(kind).label}
              kind={kind}
              count={isLiveness(kind) ? view.counts[kind] : undefined}
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

const typingMs = 300;

/** What is typed counts once nothing more comes. */
function SearchBox({ filters }: { filters: Filters }) {
  const { search } = filters;
  const [text, setText] = useState(search ?? '');
  const told = useRef(search);
  useEffect(() => {
    // Back, a link, or "Clear filters" changed the address.
    if (search !== told.current) setText(search ?? '');
    told.current = search;
  }, [search]);
  useEffect(() => {
    const wanted = text.trim() || undefined;
    if (wanted === told.current) return;
    const timer = setTimeout(() => {
      told.current = wanted;
      setFilters({ ...filters, search: wanted });
    }, typingMs);
    return () => clearTimeout(timer);
  }, [text, filters]);
  return (
    <label className="filter-field filter-search">
      Name
      <input type="search" value={text} maxLength={128} placeholder="any part of it" onChange={(event) => setText(event.target.value)} />
    </label>
  );
}

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
