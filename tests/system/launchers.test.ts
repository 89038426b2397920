import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '@stoa/lib/version.ts';

const root = join(import.meta.dirname, '../..');
const runtimes = ['stoa-gateway', 'stoa-link', 'stoa-connect'];
const launchers = ['stoa-control-plane', ...runtimes];
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'stoa-launchers-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function run(launcher: string, args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(join(root, 'bin', launcher), args, {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

describe.each(launchers)('bin/%s', (launcher) => {
  it('explains itself and every setting with --help', () => {
    const { status, stdout } = run(launcher, ['--help']);
    expect(status).toBe(0);
    for (const part of [launcher, 'STOA_LISTEN', 'STOA_LOG_LEVEL', '--config']) expect(stdout).toContain(part);
  });

  it('tells its version', () => {
    expect(run(launcher, ['--version'])).toEqual({ status: 0, stdout: `${launcher} ${version}\n`, stderr: '' });
  });

  it('lesson 38: refuses an unknown flag with exit code 2', () => {
    expect(run(launcher, ['--verbose']).status).toBe(2);
  });

  it('lesson 32: an unknown variable stops the start, with the name that was probably meant', () => {
    const { status, stderr } = run(launcher, [], { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:1', STOA_GATEWAY_KEY: 'k', STOA_LISTNE: '127.0.0.1:0' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/STOA_LISTNE.*STOA_LISTEN/);
  });

  it('lesson 32: an unknown key of a configuration file stops the start, and so does every other fault, all at once', () => {
    const file = join(dir, `${launcher}.yaml`);
    writeFileSync(file, 'lisen: 127.0.0.1:0\nlog_level: loud\n');
    const { status, stderr } = run(launcher, ['--config', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('lisen');
    expect(stderr).toContain('log_level');
  });
});

it.each(runtimes)('%s names what it cannot start without', (launcher) => {
  const { status, stderr } = run(launcher, []);
  expect(status).toBe(2);
  expect(stderr).toContain('STOA_CONTROL_PLANE_URL');
  expect(stderr).toContain('STOA_GATEWAY_KEY');
});
