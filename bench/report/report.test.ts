import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compare, readResults, writeResult } from './result.ts';
import type { Result, Row } from './result.ts';
import { markdownTable, replaceFigures, textTable } from './table.ts';

const row: Row = compare(
  { metric: 'calls | all on', unit: '/s', peer: 'hop 1.0', atLeast: 0.55 },
  { median: 6123.4, values: [6000, 6200] },
  { median: 10_000, values: [10_000, 10_000] },
);
const bound: Row = {
  metric: 'added p50',
  unit: 'ms',
  ours: 0.5,
  against: null,
  ratio: null,
  target: '≤ 0.7 ms',
  met: true,
  peer: null,
  spread: null,
};
const result = (name: string, rows: Row[]): Result => ({
  name,
  rows,
  date: '2026-01-02T03:04:05.000Z',
  cores: 'x',
  rounds: 2,
  seconds: 1,
  machine: { cpu: 'A Processor', cores: 4, memory_gib: 24, os: 'linux 6.1', node: 'v24.0.0', load_before: 0.1 },
});
const markers = ['<!-- figures: made by `node bench/readme-table.ts`, do not edit -->', '<!-- end of figures -->'];

describe('a comparison', () => {
  it('divides the medians, says whether that is enough, and how far the rounds lay apart', () => {
    expect(row).toMatchObject({ ours: 6120, against: 10_000, ratio: 0.612, target: '≥ 0.55 ×', met: true, spread: [0.6, 0.62] });
  });

  it('without a target is neither met nor missed', () => {
    const reported = compare({ metric: 'x', unit: '/s', peer: null }, { median: 1, values: [1] }, { median: 2, values: [2] });
    expect(reported).toMatchObject({ target: null, met: null, ratio: 0.5 });
  });
});

describe('the table', () => {
  it('says the machine and the day once, and every figure in a row', () => {
    expect(markdownTable([result('a', [row]), result('b', [bound])])).toBe(
      [
        'Measured on 2026-01-02: A Processor, 4 cores, 24 GiB, linux 6.1, Node.js v24.0.0.',
        '',
        '| What | Ours | Against | Ratio (rounds) | Target | Met |',
        '| --- | --- | --- | --- | --- | --- |',
        '| calls \\| all on | 6,120 /s | 10,000 /s (hop 1.0) | 0.612 × (0.6 to 0.62) | ≥ 0.55 × | yes |',
        '| added p50 | 0.5 ms | – | – | ≤ 0.7 ms | yes |',
      ].join('\n'),
    );
  });

  it('replaces what stood between the markers, and nothing else', () => {
    const before = `# Title\n${markers[0]}\nold\n${markers[1]}\ntext\n`;
    const after = replaceFigures(before, [result('a', [bound])]);
    expect(after).toBe(`# Title\n${markers[0]}\n${markdownTable([result('a', [bound])])}\n${markers[1]}\ntext\n`);
    expect(replaceFigures(after, [result('a', [bound])])).toBe(after);
  });

  it('refuses a text that has no place for it', () => {
    expect(() => replaceFigures('# Title\n', [])).toThrow('no place for the figures');
  });

  it('aligns its columns in a terminal', () => {
    const [head, ...lines] = textTable([row, bound]).split('\n');
    const column = head?.indexOf('Ours');
    expect(lines.map((line) => line.slice(column).split(' ')[0])).toEqual(['6,120', '0.5']);
  });
});

describe('results', () => {
  it('are read as they were written, in the order of their names', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'stoa-bench-test-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const results = [result('a', [row]), result('b', [bound])];
    for (const one of results.toReversed()) await writeResult(dir, one);
    expect(await readResults(dir)).toEqual(results);
    expect(await readResults(join(dir, 'none'))).toEqual([]);
  });
});
