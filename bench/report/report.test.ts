import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bounded, compare, readResults, unmeasured, writeResult } from './result.ts';
import type { Result, Row } from './result.ts';
import { markdownTable, replaceFigures, textTable } from './table.ts';

const row: Row = compare(
  { metric: 'calls | all on', unit: '/s', peer: 'hop 1.0' },
  { median: 6123.4, values: [6000, 6200] },
  { median: 10_000, values: [10_000, 10_000] },
  { atLeast: 0.55 },
);
const bound: Row = bounded({ metric: 'added p50', unit: 'ms' }, { median: 0.5, values: [0.4, 0.6] }, { atMost: 0.7 });
const unknown: Row = unmeasured({ metric: 'calls of Envoy', unit: 'µs', why: 'envoy is not installed' }, { atMost: 1 }, '×');
const result = (name: string, rows: Row[]): Result => ({
  name,
  rows,
  date: '2026-01-02T03:04:05.000Z',
  cores: 'x',
  quick: false,
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
    const reported = compare({ metric: 'x', unit: '/s', peer: 'y' }, { median: 1, values: [1] }, { median: 2, values: [2] });
    expect(reported).toMatchObject({ target: null, met: null, ratio: 0.5 });
  });

  it('of costs is met by a ratio that is small enough', () => {
    const halved = (atMost: number) =>
      compare({ metric: 'x', unit: 'µs', peer: 'y' }, { median: 1, values: [1] }, { median: 2, values: [2] }, { atMost });
    expect(halved(0.5)).toMatchObject({ target: '≤ 0.5 ×', met: true });
    expect(halved(0.4)).toMatchObject({ target: '≤ 0.4 ×', met: false });
  });

  it('that this machine cannot show says why, whatever was measured instead', () => {
    const why = 'two cores are too few';
    expect(bounded({ metric: 'x', unit: 's', why }, { median: 3, values: [3] }, { atMost: 5 })).toMatchObject({ ours: 3, met: null, why });
  });
});

describe('a bound', () => {
  it('is on the figure itself, also where a peer was measured beside it', () => {
    const beside = { peer: 'the build before', rounds: { median: 700, values: [700, 710] } };
    expect(bounded({ metric: 'x', unit: 'ms' }, { median: 14, values: [12, 16] }, { atMost: 20 }, beside)).toMatchObject({
      ours: 14,
      against: 700,
      ratio: 0.02,
      target: '≤ 20 ms',
      met: true,
      spread: [12, 16],
    });
  });

  it('of what could not be measured is kept, with the reason', () => {
    expect(unknown).toMatchObject({ ours: null, target: '≤ 1 ×', met: null, why: 'envoy is not installed' });
  });
});

describe('the table', () => {
  it('says the machine and the day once, and every figure in a row', () => {
    expect(markdownTable([result('a', [row]), result('b', [bound, unknown])])).toBe(
      [
        'Measured on 2026-01-02: A Processor, 4 cores, 24 GiB, linux 6.1, Node.js v24.0.0.',
        '',
        '| What | Ours | Against | Ratio | Target | Met |',
        '| --- | --- | --- | --- | --- | --- |',
        '| calls \\| all on | 6,120 /s | 10,000 /s (hop 1.0) | 0.612 × (0.6 to 0.62) | ≥ 0.55 × | yes |',
        '| added p50 | 0.5 ms (0.4 to 0.6) | – | – | ≤ 0.7 ms | yes |',
        '| calls of Envoy | – | – | – | ≤ 1 × | cannot be shown here |',
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
