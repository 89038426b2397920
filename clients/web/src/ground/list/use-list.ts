import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useAddresses } from '../address.ts';
import { within } from '../fault.ts';
import type { ListAsk, ListSpec } from './spec.ts';

const pageLimit = 100;

/** What the address asks of this list, and the way to ask for something else. */
export function useAsk<T>({ searches, filters = [] }: Pick<ListSpec<T>, 'searches' | 'filters'>): [ListAsk, (ask: ListAsk) => void] {
  const addresses = useAddresses();
  const { pathname, searchStr } = useLocation();
  const given = new URLSearchParams(searchStr);
  const names = [...(searches === undefined ? [] : ['search']), ...filters.map(({ name }) => name)];
  const ask = Object.fromEntries(names.map((name) => [name, given.get(name) || undefined]));
  const choose = (next: ListAsk) => {
    const query = new URLSearchParams(searchStr);
    for (const name of names) {
      query.delete(name);
      const value = next[name];
      if (value) query.set(name, value);
    }
    addresses.replace(query.size === 0 ? pathname : `${pathname}?${query}`);
  };
  return [ask, choose];
}

/** Reads the list page after page. */
export function useList<T>(spec: ListSpec<T>, ask: ListAsk) {
  return useInfiniteQuery({
    queryKey: [spec.name, ask],
    queryFn: ({ pageParam, signal }) => spec.read({ ...ask, cursor: pageParam }, pageLimit, within(signal)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    ...(spec.everySeconds !== undefined && { refetchInterval: spec.everySeconds * 1000 }),
  });
}
