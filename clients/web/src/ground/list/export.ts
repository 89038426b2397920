import type { ListAsk, ListColumn, ListSpec } from './spec.ts';

const pageLimit = 500;
/** More than this no browser is asked to hold; who wants more has stoactl. */
const mostRows = 100_000;

/** Everything that matches, not only what is shown, as the columns that are chosen. */
export async function exportList<T>(spec: ListSpec<T>, ask: ListAsk, columns: readonly ListColumn<T>[], format: 'csv' | 'json'): Promise<void> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await spec.read({ ...ask, cursor }, pageLimit, AbortSignal.timeout(60_000));
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < mostRows);
  const text = format === 'json' ? `${JSON.stringify(items, null, 2)}\n` : csvOf(items, columns);
  save(`${spec.name.toLowerCase().replaceAll(' ', '-')}.${format}`, text, format === 'json' ? 'application/json' : 'text/csv');
}

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it, and a column of buttons says nothing. */
export function csvOf<T>(items: readonly T[], shown: readonly ListColumn<T>[]): string {
  const columns = shown.filter(({ id }) => id !== 'actions');
  const cell = (text: string) => {
    const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  const lines = [columns.map(({ title }) => title), ...items.map((item) => columns.map(({ text }) => text(item)))];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function save(name: string, text: string, type: string): void {
  const href = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href, download: name });
  link.click();
  URL.revokeObjectURL(href);
}
