import { spawnSync } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';

/** What is installed for the tests with clients of other languages lies here, ignored by git. */
export const cache = `${import.meta.dirname}/.cache`;

/** An environment of Python with `requirement` in it, such as `mcp==2.3.0`; answers its interpreter. */
export function pythonWith(requirement: string): string {
  const environment = `${cache}/${requirement.replaceAll('=', '-')}`;
  if (!existsSync(`${environment}/installed`)) {
    run('python3', ['-m', 'venv', environment], 'Python 3.10 or newer with venv');
    run(`${environment}/bin/pip`, ['install', '--quiet', '--disable-pip-version-check', requirement], `the package ${requirement}`);
    mkdirSync(`${environment}/installed`);
  }
  return `${environment}/bin/python`;
}

/** A program of Go in `folder` of the cache, whose main.go is there, built with modules such as `example.com/module/package@v1.0.0`; answers the program. */
export function goProgram(folder: string, modules: readonly string[]): string {
  const options = { cwd: folder };
  const what = `the modules ${modules.join(', ')}`;
  if (!existsSync(`${folder}/go.mod`)) run('go', ['mod', 'init', 'stoa.example/clients'], 'Go 1.25 or newer', options);
  run('go', ['get', ...modules], what, options);
  run('go', ['build', '-o', 'client', '.'], what, options);
  return `${folder}/client`;
}

/** Throws an error that says what the tests need, where a command fails. */
export function run(command: string, args: string[], what: string, options: SpawnOptions = {}): void {
  const { status, stderr, error } = spawnSync(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`These tests need ${what}: ${command} ${args.join(' ')} failed. ${error?.message ?? String(stderr).trim().slice(-500)}`);
}
