import type { Gateway } from '@stoa/generated/schemas.ts';

/** What the address bar asks for. Values are kept as given: one that matches nothing shows nothing, rather than being ignored. */
export type Filters = { readonly environment: string | undefined; readonly liveness: string | undefined };

/** Reads `?environment=…&liveness=…`. */
export function parseFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  return { environment: query.get('environment') || undefined, liveness: query.get('liveness') || undefined };
}

/** The address of the page with these filters. */
export function filtersHref({ environment, liveness }: Filters): string {
  const query = new URLSearchParams();
  if (environment !== undefined) query.set('environment', environment);
  if (liveness !== undefined) query.set('liveness', liveness);
  return query.size === 0 ? '/gateways/modes' : `/gateways/modes?${query}`;
}

export function sameFilters(a: Filters, b: Filters): boolean {
  return a.environment === b.environment && a.liveness === b.liveness;
}

export function isFiltering({ environment, liveness }: Filters): boolean {
  return environment !== undefined || liveness !== undefined;
}

export function matches(gateway: Gateway, { environment, liveness }: Filters): boolean {
  return (environment === undefined || gateway.environment === environment) && (liveness === undefined || gateway.liveness === liveness);
}
