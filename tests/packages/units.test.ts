import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { charts, settingNames } from '../../deploy/helm/charts.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'deploy/systemd');
const units = readdirSync(folder);
const place = mkdtempSync(join(tmpdir(), 'stoa-units-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const linesOf = (text: string): string[] => text.split('\n').filter((line) => /^[A-Z]\w+=/.test(line));
const connect = readFileSync(join(root, 'build/packages/files/stoa-connect/stoa-connect.service'), 'utf8');
const hardening = linesOf(connect.slice(connect.indexOf('CapabilityBoundingSet='), connect.indexOf('[Install]')));

it('there is a service of each program that has no package', () => {
  expect(units.sort()).toEqual(['stoa-control-plane.service', 'stoa-gateway.service', 'stoa-link.service']);
});

describe.each(units)('deploy/systemd/%s', (unit) => {
  const text = readFileSync(join(folder, unit), 'utf8');
  const name = unit.replace('.service', '');

  it('is hardened as the service of Connect is', () => {
    expect(hardening.length).toBeGreaterThan(15);
    expect(hardening.filter((line) => !linesOf(text).includes(line))).toEqual([]);
    expect(text).toContain(`User=${name}\n`);
  });

  it('sets what its program knows, and names only credentials that it is handed', () => {
    const chart = charts.find((each) => each.name === name);
    if (chart === undefined) throw new Error(`${name} is no program of ours.`);
    const set = [...text.matchAll(/^Environment=(\w+)=(.+)$/gm)].map(([, key = '', value = '']) => ({ key, value }));
    expect(set.filter(({ key }) => !settingNames(chart).includes(key))).toEqual([]);
    const handed = [...text.matchAll(/^LoadCredential=([\w.-]+):\/etc\/stoa\//gm)].map(([, each]) => `/run/credentials/${unit}/${each}`);
    const named = text.match(/\/run\/credentials\/\S+/g) ?? [];
    expect(named.sort()).toEqual(handed.sort());
  });

  it('gives the program longer to end than it takes', () => {
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(35);
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
    'is taken by systemd without a word (where systemd-analyze is installed)',
    () => {
      const copy = join(place, unit);
      // It wants to see what is started, which is on no machine that builds.
      writeFileSync(copy, text.replace('ExecStart=/opt/stoa/bin/node', 'ExecStart=/bin/true').replaceAll(/^(?:User|Group)=.*$/gm, ''));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
      const about = stderr.split('\n').filter((line) => line.includes(unit));
      expect({ status, about }).toEqual({ status: 0, about: [] });
    },
  );
});
