import type { Result, Row } from './result.ts';

const heads = ['What', 'Ours', 'Against', 'Ratio', 'Target', 'Met'];

/** The rows as aligned text, for a terminal. */
export function textTable(rows: readonly Row[]): string {
  const cells = [heads, ...rows.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const begin = '<!-- figures: made by `node bench/readme-table.ts`, do not edit -->';
const end = '<!-- end of figures -->';

/** Puts the figures between the markers of a Markdown text. Throws when the text has no markers. */
export function replaceFigures(markdown: string, results: readonly Result[]): string {
  const [from, to] = [markdown.indexOf(begin), markdown.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The text has no place for the figures: put "${begin}" and "${end}" on lines of their own.`);
  return `${markdown.slice(0, from)}${begin}\n${markdownTable(results)}\n${markdown.slice(to)}`;
}

/** The figures of several runs as a Markdown table, under a line that says when and where they were taken. */
export function markdownTable(results: readonly Result[]): string {
  const lines = results.flatMap(({ rows }) => rows).map((row) => line(cellsOf(row)));
  return [...new Set(results.map(provenance)), '', line(heads), line(heads.map(() => '---')), ...lines].join('\n');
}

function provenance({ date, machine }: Result): string {
  return `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB, ${machine.os}, Node.js ${machine.node}.`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function cellsOf({ metric, unit, ours, against, peer, ratio, spread, target, met, why }: Row): string[] {
  const theirs = against === null ? '–' : `${number(against)} ${unit}${peer === null ? '' : ` (${peer})`}`;
  const wavered = spread === null ? '' : ` (${number(spread[0])} to ${number(spread[1])})`;
  // The spread is of what the target is about.
  const isOfRatio = ratio !== null && target?.endsWith('×') !== false;
  return [
    metric,
    ours === null ? '–' : `${number(ours)} ${unit}${isOfRatio ? '' : wavered}`,
    theirs,
    ratio === null ? '–' : `${number(ratio)} ×${isOfRatio ? wavered : ''}`,
    target ?? '–',
    met === null ? (why === undefined ? '–' : 'cannot be shown here') : met ? 'yes' : 'no',
  ];
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
