import { setTimeout as delay } from 'node:timers/promises';
import { allItems, findOne } from '../find.ts';
import { plainName } from '../kinds.ts';
import type { Item, Kind, ListQuery } from '../kinds.ts';
import { columnsOf, formatted } from '../output/formats.ts';
import { rowOf, table } from '../output/table.ts';
import type { OpenSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import type { GetOptions } from './get-options.ts';

const defaultIntervalS = 2;

/** Shows what there is, and from then on what changed since the look before, until Ctrl-C. What is gone is said to be. */
export async function watch(
  terminal: Terminal,
  session: OpenSession,
  kind: Kind,
  name: string | undefined,
  query: ListQuery,
  options: GetOptions,
): Promise<void> {
  const intervalMs = (options.interval ?? defaultIntervalS) * 1000;
  let before = new Map<string, { item: Item; row: string }>();
  for (let isFirst = true; !terminal.signal.aborted; isFirst = false) {
    const items = name === undefined ? await allItems(kind, session.client, query) : [await findOne(kind, session.client, name)];
    const now = new Map(items.map((item) => [String(item[kind.id]), { item, row: rowOf(columnsOf(options.output, kind), item).join('\0') }]));
    const changed = [...now].filter(([id, { item, row }]) => isChanged(options, before.get(id), item, row)).map(([, { item }]) => item);
    const gone = [...before].filter(([id]) => !now.has(id)).map(([, { item }]) => item);
    if (isFirst || changed.length > 0) terminal.out(await shown(kind, changed, options, isFirst));
    for (const item of gone) terminal.err(`${plainName(kind)}/${kind.nameOf(item)} is gone.\n`);
    before = now;
    await delay(intervalMs, undefined, { signal: terminal.signal }).catch(() => undefined);
  }
}

/** A table shows what its columns hold; a heartbeat changes more than that, every few seconds. */
function isChanged({ output }: GetOptions, before: { item: Item; row: string } | undefined, item: Item, row: string): boolean {
  if (before === undefined) return true;
  return output === 'json' || output === 'yaml' ? JSON.stringify(before.item) !== JSON.stringify(item) : before.row !== row;
}

/** A stream has a line of JSON for each, and the titles of a table once. */
async function shown(kind: Kind, items: readonly Item[], options: GetOptions, isFirst: boolean): Promise<string> {
  const { output } = options;
  if (output === 'json') return items.map((item) => `${JSON.stringify(item)}\n`).join('');
  if (output === 'yaml')
    return (await Promise.all(items.map(async (item) => `---\n${await formatted('yaml', kind, [item], { one: true })}`))).join('');
  if (output === 'name' || output === 'csv') return formatted(output, kind, items, { headers: isFirst && options.headers });
  const columns = columnsOf(output, kind);
  return table(
    columns.map(({ title }) => title),
    items.map((item) => rowOf(columns, item)),
    { headers: isFirst && options.headers },
  );
}
