import { printable } from '../terminal.ts';
import type { Column, Item } from '../kinds.ts';

/** Lines of a table. Nothing is cut, whatever the width of the terminal: a script reads what a person sees. An empty cell is `-`. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[], { headers = true } = {}): string {
  const cells = [...(headers ? [titles] : []), ...rows.map((row) => row.map((cell) => (cell === '' ? '-' : printable(cell))))];
  const widths = titles.map((_title, column) => Math.max(0, ...cells.map((row) => width(row[column] ?? ''))));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('   ');
  return cells.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** How many characters a person counts; a letter beyond the basic plane is one. */
const width = (text: string): number => [...text].length;

export const rowOf = (columns: readonly Column[], item: Item): string[] => columns.map(({ value }) => cellOf(value(item)));

/** A value as a cell: lists by commas, mappings as `key=value`. */
export function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(cellOf).join(',');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, inner]) => `${key}=${cellOf(inner)}`)
      .join(',');
  return String(value);
}
