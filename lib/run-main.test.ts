import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compiled } from './testing/compiled.ts';

const moduleUrl = new URL('./settings.ts', import.meta.url).href;

/** Runs a main function in a process of its own, because its subject is the exit. */
function run(body: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = `
    import { runMain, defineSettings, setting, ExpectedError } from ${JSON.stringify(moduleUrl)};
    const settings = defineSettings({ name: 'x', description: 'X.', version: '9.9.9' }, { key: setting.secret({ describe: 'K' }), size: setting.integer({ describe: 'S' }) });
    await runMain(async () => { ${body} });`;
  return node(script);
}

function node(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module', '-e', script],
      { env: { PATH: process.env['PATH'], ...compiled() } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('runMain', () => {
  it('prints one line a fault, without a stack, and exits with 2', async () => {
    const { code, stderr, stdout } = await run('settings.load({ argv: [] });');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^STOA_KEY is required/), expect.stringMatching(/^STOA_SIZE is required/)]);
  });

  it('prints help and the version to stdout and exits with 0', async () => {
    expect(await run("settings.command({ argv: ['--help'] });")).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('STOA_SIZE') });
    expect(await run("settings.command({ argv: ['--version'] });")).toMatchObject({ code: 0, stdout: 'x 9.9.9\n' });
  });

  it('exits with 1 for an expected error and shows the stack of a defect', async () => {
    expect(await run("throw new ExpectedError('The disk is full: free some space.');")).toMatchObject({
      code: 1,
      stderr: 'The disk is full: free some space.\n',
    });
    expect(await run("throw new TypeError('oops');")).toMatchObject({ code: 70, stderr: expect.stringMatching(/TypeError: oops\n\s+at /) });
  });

  it('prints nothing but JSON for a program whose output is collected: failures, warnings, uncaught errors, and what a package prints', async () => {
    const script = `const { runMain } = await import(${JSON.stringify(new URL('./run-main.ts', import.meta.url).href)});
      await runMain(async () => {
        console.warn('a package %s', 'says'); console.log({ so: 1 });
        process.emitWarning('old', 'DeprecationWarning');
        setImmediate(() => { throw new TypeError('oops'); });
      }, { program: 'stoa-x' });`;
    const { code, stderr, stdout } = await node(script);
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; msg: string; stack?: string });
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'a package says'],
      ['info', '{ so: 1 }'],
      ['warn', 'old'],
      ['fatal', 'A defect ended the program: oops'],
    ]);
    expect([code, stdout, lines.at(-1)?.stack]).toEqual([70, '', expect.stringContaining('TypeError: oops\n')]);
  });

  it('ends also while a thread waits for a disk that does not answer', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'stoa-stuck-'));
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const script = `
      import { readFile } from 'node:fs/promises';
      import { orStuck } from ${JSON.stringify(new URL('./or-stuck.ts', import.meta.url).href)};
      import { runMain } from ${JSON.stringify(moduleUrl)};
      await runMain(() => orStuck(readFile(${JSON.stringify(pipe)}), 50, 'The disk does not answer: repair it.'));`;
    const { stderr, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    await rm(directory, { recursive: true });
    expect({ stderr, signal }).toEqual({ stderr: 'The disk does not answer: repair it.\n', signal: 'SIGKILL' });
  });
});
