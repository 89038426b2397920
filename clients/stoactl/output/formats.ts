import { plainName } from '../kinds.ts';
import type { Column, Item, Kind } from '../kinds.ts';
import type { Format } from './format-names.ts';
import { csv } from '@stoa/lib/csv.ts';
import { rowOf, table } from './table.ts';

/** Items of one kind in a format. `one` was asked for by its name, so that JSON and YAML show it alone. */
export async function formatted(format: Format, kind: Kind, items: readonly Item[], { one = false, headers = true } = {}): Promise<string> {
  const shown = one ? items[0] : { items };
  if (format === 'json') return `${JSON.stringify(shown, null, 2)}\n`;
  if (format === 'yaml') return (await import('./yaml.ts')).toYaml(shown);
  if (format === 'name') return items.map((item) => `${plainName(kind)}/${kind.nameOf(item)}\n`).join('');
  const columns = columnsOf(format, kind);
  const titles = columns.map(({ title }) => title);
  const rows = items.map((item) => rowOf(columns, item));
  if (format === 'csv') return csv([...(headers ? [titles] : []), ...rows]);
  return table(titles, rows, { headers });
}

export const columnsOf = (format: Format, { columns }: Kind): Column[] => columns.filter(({ wide }) => wide === undefined || format !== 'table');
