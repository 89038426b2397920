import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { answered } from './answered.ts';
import { CommandError } from './exit-codes.ts';
import { spokenName } from './kinds.ts';
import type { Item, Kind, ListQuery } from './kinds.ts';

const pageSize = 500;
/** A server that gave out cursors without an end would be read for ever. */
const maxPages = 10_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Every item of a kind, page after page. */
export async function* everyItem(kind: Kind, client: ControlPlaneClient, query: ListQuery = {}): AsyncGenerator<Item> {
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { items, next_cursor } = await answered(kind.list(client, { limit: pageSize, ...query, ...(cursor !== undefined && { cursor }) }));
    yield* items;
    if (next_cursor === null) return;
    cursor = next_cursor;
  }
  throw new CommandError('failed', `There are more than ${maxPages * pageSize} ${kind.plural}: narrow them by a label.`);
}

export async function allItems(kind: Kind, client: ControlPlaneClient, query: ListQuery = {}): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of everyItem(kind, client, query)) items.push(item);
  return items;
}

/** The one that a person means by its name or id, as its list shows it. */
export async function findOne(kind: Kind, client: ControlPlaneClient, word: string): Promise<Item> {
  const found = await findListed(kind, client, word);
  if (found.length === 1) return found[0] as Item;
  if (found.length === 0)
    throw new CommandError('notFound', `There is no ${spokenName(kind)} named ${word}: stoactl get ${kind.plural} lists what there is.`);
  const ids = found.map((item) => `  ${String(item[kind.id])}  ${describe(item)}`).join('\n');
  throw new CommandError('failed', `${found.length} ${kind.plural} are called ${word}. Name one by its id:\n${ids}`);
}

async function findListed(kind: Kind, client: ControlPlaneClient, word: string): Promise<Item[]> {
  const isId = uuid.test(word);
  // Servers search by a part of the name, and subscriptions by that of either side.
  const query = isId || kind.isSearched === false ? {} : { search: word.split('/')[0] ?? word };
  const fits = (item: Item): boolean => kind.nameOf(item) === word || (isId && item[kind.id] === word.toLowerCase());
  return (await allItems(kind, client, query)).filter(fits);
}

const describe = (item: Item): string =>
  ['environment', 'state', 'liveness', 'hint', 'created_at'].flatMap((key) => (typeof item[key] === 'string' ? [item[key]] : [])).join('  ');
