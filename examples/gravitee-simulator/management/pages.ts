import type { Json } from '../state.ts';
import { invalid } from './errors.ts';

/** One page of version 2, with its links. Beyond the end there are none. */
export function page(items: readonly Json[], url: URL): Json {
  const number = (name: string, fallback: number): number => Number(url.searchParams.get(name) ?? fallback);
  const [current, perPage] = [number('page', 1), number('perPage', 10)];
  for (const [name, value] of Object.entries({ page: current, perPage })) {
    if (!Number.isInteger(value) || value < 1) throw invalid(name, `Pagination ${name} param must be >= 1`);
  }
  const data = items.slice((current - 1) * perPage, current * perPage);
  const pageCount = Math.ceil(items.length / perPage);
  const pagination = { page: current, perPage, pageCount, pageItemsCount: data.length, totalCount: items.length };
  return { data, pagination, ...(data.length > 0 || items.length === 0 ? { links: linksOf(url, current, pageCount) } : {}) };
}

function linksOf(url: URL, current: number, pageCount: number): Json {
  const to = (number: number): string => {
    const link = new URL(url);
    link.searchParams.set('page', String(number));
    return link.href;
  };
  const query = url.searchParams.size === 0 ? '' : `?${url.searchParams}`;
  const self = url.origin + url.pathname + query;
  if (pageCount < 2) return { self };
  return {
    self,
    first: to(1),
    last: to(pageCount),
    ...(current > 1 && { previous: to(current - 1) }),
    ...(current < pageCount && { next: to(current + 1) }),
  };
}
