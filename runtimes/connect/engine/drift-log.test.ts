import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Drift } from '@stoa/generated/schemas.ts';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { driftLog } from './drift-log.ts';

const folders: string[] = [];
let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'stoa-drift-'));
  folders.push(stateDir);
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const gateway = 'g';
const changed = (object: string, wins: Drift['wins'] = 'stoa'): Drift => ({ object, kind: 'changed', detail: 'a → b', wins });
const statesOf = (events: readonly { object: string; state: string }[]) => events.map(({ object, state }) => `${object} ${state}`);

describe('the log of drift', () => {
  it('has one event for what is found again and again, and says what came of it', async () => {
    const log = driftLog(stateDir);
    const [first] = await log.found(gateway, [changed('route a'), changed('route b'), changed('key c', 'gateway')]);
    expect(statesOf(await log.settled(gateway, [changed('route b')]))).toEqual(['route a repaired', 'route b failed', 'key c left']);
    expect(statesOf(await log.found(gateway, [changed('route b'), changed('key c', 'gateway')]))).toEqual([
      'route a repaired',
      'route b failed',
      'key c left',
    ]);
    expect(statesOf(await log.settled(gateway, []))).toEqual(['route a repaired', 'route b repaired', 'key c left']);
    const again = await log.found(gateway, [changed('route a')]);
    expect(statesOf(again)).toEqual(['route a repaired', 'route b repaired', 'key c gone', 'route a found']);
    expect(again.at(-1)?.event_id).not.toBe(first?.event_id);
  });

  it('takes what could not be read back for repaired once it is found no more', async () => {
    const log = driftLog(stateDir);
    await log.found(gateway, [changed('route a')]);
    expect(statesOf(await log.settled(gateway, undefined))).toEqual(['route a found']);
    expect(statesOf(await log.found(gateway, []))).toEqual(['route a repaired']);
  });

  it('has the same events of more differences than it holds, at each look', async () => {
    const log = driftLog(stateDir);
    const many = Array.from({ length: 150 }, (_, index) => changed(`route ${index}`, 'gateway'));
    await log.found(gateway, [changed('route before')]);
    await log.settled(gateway, []);
    const first = await log.found(gateway, many);
    expect(first).toHaveLength(100);
    expect(statesOf(first)).not.toContain('route before repaired');
    for (const _look of [2, 3]) expect(await log.found(gateway, many)).toEqual(first);
  });

  it('goes on where what was left is repaired from now on', async () => {
    const log = driftLog(stateDir);
    const [left] = await log.found(gateway, [changed('route a', 'gateway')]);
    const [found] = await log.found(gateway, [changed('route a')]);
    expect(found).toEqual({ ...left, wins: 'stoa', state: 'found' });
  });

  it('is kept over a restart, for its owner only, for one gateway, and holds a hundred', async () => {
    const [kept] = await driftLog(stateDir).found(gateway, [changed('route a', 'gateway')]);
    expect((await stat(join(stateDir, 'drift.json'))).mode & 0o777).toBe(0o600);
    const log = driftLog(stateDir);
    expect(await log.found(gateway, [changed('route a', 'gateway')])).toEqual([kept]);
    const many = Array.from({ length: 130 }, (_, n) => changed(`route ${n}`));
    expect(await log.found(gateway, many)).toHaveLength(100);
    expect(await log.found('another', [])).toEqual([]);
    const text = await readFile(join(stateDir, 'drift.json'), 'utf8');
    await writeFile(join(stateDir, 'drift.json'), text.slice(0, 50));
    expect(await driftLog(stateDir).found(gateway, [])).toEqual([]);
  });
});
