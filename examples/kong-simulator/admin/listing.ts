import type { Row } from '../schemas/field.ts';
import { invalidOffset, invalidSize, invalidTagsFilter } from './kong-error.ts';
import { entityNames, type Store } from './store.ts';

/** One page as Kong sends it: `offset` is present only when there is a `next`. */
export interface Page {
  offset?: string;
  next: string | null;
  data: unknown[];
}

/**
 * Cuts one page out of rows that are in order of their key.
 * @param path of the collection, for the relative `next` link, which keeps the tags filter and the size.
 * @throws KongError 400 code 7, 9 or 11 for a bad offset, size or tags filter.
 */
export function page<T>(path: string, query: URLSearchParams, rows: readonly T[], keyOf: (row: T) => string[]): Page {
  const size = pageSize(query.get('size'));
  const after = query.get('offset');
  const start = after === null ? 0 : firstAfter(rows, keyOf, decodeOffset(after));
  const data = rows.slice(start, start + size);
  const last = data.at(-1);
  if (last === undefined || start + size >= rows.length) return { next: null, data };
  const offset = Buffer.from(JSON.stringify(keyOf(last))).toString('base64url');
  const kept = ['tags', 'size'].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [`&${name}=${encodeURIComponent(value)}`];
  });
  return { offset, next: `${path}?offset=${offset}${kept.join('')}`, data };
}

function pageSize(given: string | null): number {
  if (given === null) return 100;
  const size = Number(given);
  if (!/^\d+$/.test(given) || size < 1 || size > 1000) throw invalidSize();
  return size;
}

function decodeOffset(offset: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(offset)) throw invalidOffset(offset, 'bad base64 encoding');
  try {
    return (JSON.parse(Buffer.from(offset, 'base64url').toString()) as string[]).join('\0');
  } catch {
    throw invalidOffset(offset, 'bad json encoding');
  }
}

function firstAfter<T>(rows: readonly T[], keyOf: (row: T) => string[], key: string): number {
  const index = rows.findIndex((row) => keyOf(row).join('\0') > key);
  return index === -1 ? rows.length : index;
}

/** `a,b` is both, `a/b` is either, the two mixed is refused. @returns the filter as a predicate. */
export function tagsFilter(filter: string | null): (row: Row) => boolean {
  if (filter === null) return () => true;
  if (filter.includes(',') && filter.includes('/')) throw invalidTagsFilter();
  const either = filter.includes('/');
  const wanted = filter.split(either ? '/' : ',');
  if (wanted.some((tag) => tag === '')) throw invalidTagsFilter();
  return (row) => {
    const tags = (row['tags'] ?? []) as string[];
    return either ? wanted.some((tag) => tags.includes(tag)) : wanted.every((tag) => tags.includes(tag));
  };
}

/** `/tags` and `/tags/{tag}`: one line for each tag of each entity, in the order of the entities' ids. */
export function taggedPage(path: string, query: URLSearchParams, store: Store, only?: string): Page {
  const tagged = entityNames.flatMap((entity) =>
    store
      .list(entity)
      .flatMap((row) =>
        ((row['tags'] ?? []) as string[]).map((tag, position) => ({ entity, tag, id: row.id, position: String(position).padStart(6, '0') })),
      ),
  );
  const lines = tagged.filter(({ tag }) => only === undefined || tag === only);
  const keyOf = ({ id, entity, position }: (typeof lines)[number]): string[] => [id, entity, position];
  lines.sort((a, b) => (keyOf(a).join('\0') < keyOf(b).join('\0') ? -1 : 1));
  const { data, ...rest } = page(path, query, lines, keyOf);
  const shown = (data as typeof lines).map(({ entity, tag, id }) => ({ entity_name: entity, tag, entity_id: id }));
  return { ...rest, data: shown };
}
