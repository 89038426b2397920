import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../build/packages/checksums.ts';
import { makeRpm } from '../../build/packages/rpm.ts';
import { here } from './built.ts';
import { makeFreshRoot } from './fresh-root.ts';
import type { FreshRoot } from './fresh-root.ts';
import { sampleOf } from './sample.ts';

const place = mkdtempSync(join(tmpdir(), 'stoa-rpm-'));
const configuration = 'etc/stoa/connect.yaml';
const edited = 'control_plane_url: https://stoa.mine.example\n';
let root: FreshRoot;

async function make(version: string, folder: string): Promise<string> {
  const sample = sampleOf(version, join(place, folder));
  return makeRpm(sample.built, here, sample.place, sample.out);
}

beforeAll(async () => {
  root = await makeFreshRoot(['rpm']);
  for (const version of ['0.1.0', '0.2.0']) copyFileSync(await make(version, version), join(root.path, `root/${version}.rpm`));
});
afterAll(() => {
  root?.remove();
  rmSync(place, { recursive: true, force: true });
});

// The libraries below are Debian's, of which rpm knows nothing.
const rpm = (flags: string, version: string) => root.run(`rpm ${flags} --nodeps /root/${version}.rpm`);
const read = (path: string) => readFileSync(join(root.path, path), 'utf8');

it('is the same to the byte when it is made again', async () => {
  expect(await sha256(await make('0.2.0', 'again'))).toBe(await sha256(join(root.path, 'root/0.2.0.rpm')));
});

it('installs a program, an account, a service and a configuration, and says what comes next', async () => {
  const { status, output } = await rpm('-i', '0.1.0');
  expect([status, output]).toEqual([0, expect.stringContaining('(stoa-connect enroll --server URL --target-url URL --environment NAME --force)')]);
  expect((await root.run('stoa-connect --version; getent passwd stoa-connect')).output).toMatch(
    /^stoa-connect 0\.1\.0\nstoa-connect:.*:\/usr\/sbin\/nologin$/m,
  );
  expect(read('usr/lib/systemd/system/stoa-connect.service')).toContain('Type=notify');
  expect((await root.run('rpm --verify --nodeps stoa-connect')).output).toBe('');
});

it('keeps an edited configuration when it is updated', async () => {
  writeFileSync(join(root.path, configuration), edited);
  expect((await rpm('-U', '0.2.0')).status).toBe(0);
  expect((await root.run('rpm -q stoa-connect')).output).toBe(`stoa-connect-0.2.0-1.${here.rpm}\n`);
  expect(read(configuration)).toBe(edited);
});

it('refuses a downgrade with a sentence, also when rpm is told to do it', async () => {
  const { status, output } = await rpm('-U --oldpackage', '0.1.0');
  expect([status, output]).toEqual([1, expect.stringContaining('stoa-connect 0.2.0 is installed, and 0.1.0 is older')]);
  expect((await root.run('stoa-connect --version')).output).toBe('stoa-connect 0.2.0\n');
});

it('leaves an edited configuration when it is removed', async () => {
  expect((await root.run('rpm -e stoa-connect')).status).toBe(0);
  expect([existsSync(join(root.path, 'usr/bin/stoa-connect')), read(`${configuration}.rpmsave`)]).toEqual([false, edited]);
});
