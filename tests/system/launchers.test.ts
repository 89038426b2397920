import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiled } from '@stoa/lib/testing/compiled.ts';
import { version } from '@stoa/lib/version.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';

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
    env: { PATH: process.env['PATH'], ...compiled(), ...env },
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

/** As `run`, while servers of this process answer. */
function runBeside(launcher: string, args: string[], env: Record<string, string>): Promise<{ status: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const options = { cwd: dir, env: { PATH: process.env['PATH'], ...compiled(), ...env }, timeout: 20_000 };
    const child = execFile(join(root, 'bin', launcher), args, options, (_error, stdout) => resolve({ status: child.exitCode, stdout }));
  });
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

describe('check', () => {
  it.each(runtimes)('of %s judges the settings, reaches its peers, starts nothing and writes nothing', async (launcher) => {
    const plane = await startTestControlPlane();
    try {
      const env = {
        STOA_CONTROL_PLANE_URL: plane.url,
        STOA_GATEWAY_KEY: await plane.mintGatewayKey(),
        STOA_LISTEN: new URL(plane.url).host,
        STOA_STATE_DIR: join(dir, 'state'),
      };
      const before = readdirSync(dir);
      const good = await runBeside(launcher, ['check'], env);
      expect(good.stdout).toContain('it answers, and takes the gateway key');
      // Nobody is at the admin API that Connect configures by default.
      expect([good.status, good.stdout.includes('ECONNREFUSED')]).toEqual(launcher === 'stoa-connect' ? [1, true] : [0, false]);
      const bad = await runBeside(launcher, ['check'], { ...env, STOA_GATEWAY_KEY: 'stoa_gk_wrong' });
      expect([bad.status, bad.stdout]).toEqual([1, expect.stringContaining('refuses the gateway key')]);
      const astray = await runBeside(launcher, ['check'], { ...env, STOA_CONTROL_PLANE_URL: `${plane.url}/elsewhere` });
      expect([astray.status, astray.stdout]).toEqual([1, expect.stringContaining('as a Control Plane does not: check STOA_CONTROL_PLANE_URL')]);
      expect(readdirSync(dir)).toEqual(before);
      expect((await plane.request<{ items: unknown[] }>('GET', '/v1/gateways')).body.items).toEqual([]);
    } finally {
      await plane.close();
    }
  });

  it('of the Control Plane reaches the database, and makes no table in it', async () => {
    const env = { STOA_MASTER_KEY: randomBytes(32).toString('base64'), STOA_DATA_DIR: join(dir, 'data'), STOA_SINGLE_ROLE: 'true' };
    const away = run('stoa-control-plane', ['check'], { ...env, DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:9/stoa' });
    expect([away.status, away.stdout]).toEqual([1, expect.stringMatching(/fault {2}PostgreSQL \(127\.0\.0\.1:9\/stoa\): .*ECONNREFUSED/)]);
    expect(away.stdout).not.toContain('hunter2');
    const plane = await startTestControlPlane();
    try {
      const used = await runBeside('stoa-control-plane', ['check'], {
        ...env,
        DATABASE_URL: plane.context.settings.databaseOwnerUrl?.reveal() ?? '',
      });
      expect([used.status, used.stdout]).toEqual([1, expect.stringContaining('was made under another master key')]);
    } finally {
      await plane.close();
    }
    expect(run('stoa-control-plane', ['check'], { STOA_DATA_DIR: join(dir, 'data') })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('it was not started'),
    });
  });
});

describe.each(launchers)('%s', (launcher) => {
  it('prints the JSON Schema of its settings', () => {
    const { status, stdout } = run(launcher, ['settings-schema']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: `Settings of ${launcher}`, properties: { listen: { type: 'string' } } });
  });

  it('says in its log, which is JSON, why it cannot start', () => {
    const { stderr } = run(launcher, [], { STOA_LISTNE: 'x', STOA_LOG_LEVEL: 'loud' });
    const lines = stderr.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(lines.map(() => 'fatal'));
    expect(lines.join()).toContain('did you mean STOA_LISTEN?');
  });
});
