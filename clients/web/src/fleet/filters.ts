/** What the address bar asks for. Values are kept as given: one that matches nothing shows nothing, rather than being ignored. */
export type Filters = {
  readonly environment: string | undefined;
  readonly liveness: string | undefined;
  /** A part of a name. */
  readonly search: string | undefined;
  /** What is wrong comes first, unless it is `registered`: the oldest first. */
  readonly sort: string | undefined;
};

const names = ['environment', 'liveness', 'search', 'sort'] as const;
export const noFilters: Filters = { environment: undefined, liveness: undefined, search: undefined, sort: undefined };

/** Reads `?environment=…&liveness=…&search=…&sort=…`. */
export function parseFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  return Object.fromEntries(names.map((name) => [name, query.get(name) || undefined])) as Filters;
}

/** The address of the page with these filters. */
export function filtersHref(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of names) if (filters[name] !== undefined) query.set(name, filters[name]);
  return query.size === 0 ? '/gateways/modes' : `/gateways/modes?${query}`;
}

export const sameFilters = (a: Filters, b: Filters): boolean => names.every((name) => a[name] === b[name]);

/** Whether anything is left out. The order leaves out nothing. */
export const isFiltering = ({ environment, liveness, search }: Filters): boolean =>
  environment !== undefined || liveness !== undefined || search !== undefined;
