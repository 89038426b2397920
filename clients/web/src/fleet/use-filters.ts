import { useSyncExternalStore } from 'react';
import { filtersHref, parseFilters } from './filters.ts';
import type { Filters } from './filters.ts';

const listeners = new Set<() => void>();

/** The filters of the address bar, which is their only home: a link carries them, and Back undoes them. */
export function useFilters(): Filters {
  return parseFilters(useSyncExternalStore(subscribe, () => location.search));
}

/** Puts the filters into the address bar without loading the page again. */
export function setFilters(filters: Filters): void {
  history.pushState(null, '', filtersHref(filters));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}
