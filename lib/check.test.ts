import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { check, directoryPeer } from './check.ts';
import { Secret, defineSettings, setting } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'stoa-check-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const example = defineSettings(
  { name: 'stoa-example', description: 'An example.', version: '1' },
  {
    key: setting.secret({ describe: 'The key.' }),
    listen: setting.address({ default: '127.0.0.1:1', describe: 'Where.' }),
    patience: setting.durationMs({ default: 90_000, describe: 'How long.' }),
    intervalS: setting.integer({ default: 30, unit: 's', describe: 'x' }),
    pause: setting.durationMs({ default: '1500ms', describe: 'x' }),
  },
);
const judge = (env: Record<string, string>) => example.judge({ argv: [], env });

it('tells of each setting how it stands, and of each peer whether it was reached', async () => {
  const { report, isWell } = await check(judge({ STOA_KEY: 'hunter2' }), ({ key }) => [
    { name: 'One', where: 'http://one', reach: async () => `takes ${String(key instanceof Secret)}` },
    { name: 'Two', where: 'http://two', reach: () => Promise.reject(new Error('cannot be reached: start it')) },
  ]);
  expect(report.split('\n')).toEqual([
    'Settings:',
    '  ok     STOA_KEY: [secret]',
    '  ok     STOA_LISTEN: 127.0.0.1:1',
    '  ok     STOA_PATIENCE: 90s',
    '  ok     STOA_INTERVAL_S: 30s',
    '  ok     STOA_PAUSE: 1500ms',
    'Peers:',
    '  ok     One (http://one): takes true',
    '  fault  Two (http://two): cannot be reached: start it',
  ]);
  expect(isWell).toBe(false);
});

it('tells every fault of the settings, and asks no peer then', async () => {
  const { report, isWell } = await check(judge({ STOA_LISTEN: 'here', STOA_LISTN: 'x' }), () => expect.unreachable());
  expect(report).toMatch(/fault {2}STOA_LISTN is not a setting[^\n]*\n {2}fault {2}STOA_KEY is required[^\n]*\n {2}fault {2}STOA_LISTEN must be/);
  expect(isWell).toBe(false);
});

it('makes no directory, and says of one that is not there whether it can be made', async () => {
  const missing = directoryPeer('State', join(directory, 'a', 'b'));
  expect(await missing.reach(AbortSignal.timeout(1000))).toBe('not there yet, and can be made');
  expect(await directoryPeer('State', directory).reach(AbortSignal.timeout(1000))).toBe('writable');
  await expect(directoryPeer('State', '/proc/1/nothing').reach(AbortSignal.timeout(1000))).rejects.toThrow(/cannot be read and written/);
});
