import { invalid } from '../errors.ts';

export type PageQuery = { limit?: number; cursor?: string };
/** Where a page starts: after the row with this time and id. */
export type Position = { created_at: Date; id: string };
type Page<Item> = { items: Item[]; next_cursor: string | null };
type Row = { id: string } & ({ created_at: Date } | { registered_at: Date });

/** How the position of a row is written into a cursor and read from it; undefined for a text that no such cursor holds. */
export type Order<R, P> = { toText(row: R): string; fromText(text: string): P | undefined };

/**
 * One page of a list ordered by time of creation and id, so that rows added meanwhile neither repeat nor hide others.
 * `load` is given one row more than the page has: that row says whether there is a next page.
 */
export const pageOf = <R extends Row, Item>(
  query: PageQuery,
  load: (take: number, after: Position | undefined) => Promise<R[]>,
  toItem: (row: R) => Item,
): Promise<Page<Item>> => pageBy(query, byCreation, load, toItem);

/** As `pageOf`, in another order. */
export async function pageBy<R, P, Item>(
  query: PageQuery,
  order: Order<R, P>,
  load: (take: number, after: P | undefined) => Promise<R[]>,
  toItem: (row: R) => Item,
): Promise<Page<Item>> {
  const limit = query.limit ?? 100;
  const rows = await load(limit + 1, query.cursor === undefined ? undefined : decodeCursor(query.cursor, order));
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(toItem), next_cursor: rows.length > limit && last ? Buffer.from(order.toText(last)).toString('base64url') : null };
}

/** The condition for Prisma that continues after a position. */
export function after(position: Position | undefined) {
  if (!position) return {};
  return { OR: [{ created_at: { gt: position.created_at } }, { created_at: position.created_at, id: { gt: position.id } }] };
}

/** The condition for Prisma that a name holds a text, in either case. */
export function nameHolds(search: string | undefined): { name?: { contains: string; mode: 'insensitive' } } {
  // Prisma leaves what LIKE gives a meaning as it is.
  return search === undefined ? {} : { name: { contains: search.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' } };
}

/** The conditions for Prisma that all labels of a query fit. */
export function labelsFit(labels: readonly string[] | undefined) {
  return labelsOf(labels).map(([key, value]) => ({ labels: { path: [key], equals: value } }));
}

/** The labels of a query, each as `key=value`. */
export function labelsOf(labels: readonly string[] | undefined): [key: string, value: string][] {
  return (labels ?? []).map((label) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]);
}

export const inOrder = [{ created_at: 'asc' as const }, { id: 'asc' as const }];

const positionText = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const byCreation: Order<Row, Position> = {
  toText: (row) => `${('created_at' in row ? row.created_at : row.registered_at).toISOString()} ${row.id}`,
  fromText(text) {
    const [, time = '', id = ''] = positionText.exec(text) ?? [];
    const created_at = new Date(time);
    return Number.isNaN(created_at.getTime()) ? undefined : { created_at, id };
  },
};

function decodeCursor<P>(cursor: string, order: Order<never, P>): P {
  const position = order.fromText(Buffer.from(cursor, 'base64url').toString());
  if (position === undefined) throw invalid([{ pointer: '/query/cursor', message: 'is no cursor of this list; start again without one' }]);
  return position;
}
