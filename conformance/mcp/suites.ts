import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';

const run = promisify(execFile);
/** Installed beside the product and not into it, ignored by git. */
const dir = join(import.meta.dirname, '.suites');
const [installWithinMs, runWithinMs] = [300_000, 600_000];

/** The official suite, newest and its alpha, pinned. */
export const suiteVersions = ['0.1.16', '0.2.0-alpha.12'] as const;
export type SuiteVersion = (typeof suiteVersions)[number];

/** What is run: one version of the suite at one revision of the protocol. */
export type Run = {
  readonly suite: SuiteVersion;
  readonly revision: string;
  /** How the suite is told which checks to make. */
  readonly args: readonly string[];
};

export const runs: readonly Run[] = [
  { suite: '0.1.16', revision: '2025-06-18', args: ['--suite', 'all', '--spec-version', '2025-06-18'] },
  { suite: '0.1.16', revision: '2025-11-25', args: ['--suite', 'all', '--spec-version', '2025-11-25'] },
  { suite: '0.2.0-alpha.12', revision: '2025-06-18', args: ['--suite', 'all', '--spec-version', '2025-06-18'] },
  { suite: '0.2.0-alpha.12', revision: '2025-11-25', args: ['--requirements', '2025-11-25'] },
  { suite: '0.2.0-alpha.12', revision: '2026-07-28', args: ['--requirements', '2026-07-28'] },
];

export type Check = {
  readonly name: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly reason: string | undefined;
};

/** Installs the suites unless they are there. Their scripts are not run. @throws ExpectedError when npm cannot */
export async function installSuites(): Promise<void> {
  for (const version of suiteVersions) {
    const home = join(dir, version);
    const manifest = `${JSON.stringify({ name: 'stoa-conformance-suite', private: true, dependencies: { '@modelcontextprotocol/conformance': version } })}\n`;
    const marker = join(home, 'installed.json');
    if ((await readFile(marker, 'utf8').catch(() => '')) === manifest) continue;
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'package.json'), manifest);
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--workspaces=false'];
    await run('npm', args, { cwd: home, timeout: installWithinMs }).catch((error: Error) => {
      throw new ExpectedError(`The suite ${version} could not be installed into ${home}: ${error.message}`);
    });
    await writeFile(marker, manifest);
  }
}

/** Runs a suite against an address. Answers its checks, each with a name of its own: that of its scenario, its own, and its number where there are several of it. */
export async function checksOf({ suite, args }: Run, url: string): Promise<Map<string, Check>> {
  const program = join(dir, suite, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
  const out = await mkdtemp(join(tmpdir(), 'stoa-conformance-'));
  try {
    // Checks that fail are told by its exit code too: what counts is what it wrote.
    const ended = await run(process.execPath, [program, 'server', '--url', url, ...args, '-o', out], {
      timeout: runWithinMs,
      maxBuffer: 64 * 1024 * 1024,
    }).catch((error: { stdout?: string; stderr?: string }) => error);
    const checks = await readChecks(out);
    if (checks.size === 0) throw new ExpectedError(`The suite ${suite} made no checks at ${url}:\n${String(ended.stderr).slice(-2000)}`);
    return checks;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function readChecks(out: string): Promise<Map<string, Check>> {
  const all = new Map<string, Check>();
  for (const folder of (await readdir(out)).toSorted()) {
    const scenario = folder.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, '');
    // A scenario that broke off writes nothing.
    const text = await readFile(join(out, folder, 'checks.json'), 'utf8').catch(() => '[]');
    const checks = JSON.parse(text) as { id: string; status: Check['status']; errorMessage?: string }[];
    for (const { id, status, errorMessage } of checks) {
      const base = `${scenario}/${id}`;
      let name = base;
      for (let number = 2; all.has(name); number += 1) name = `${base}#${number}`;
      all.set(name, { name, status, reason: errorMessage });
    }
  }
  return all;
}

export const passing = (checks: ReadonlyMap<string, Check>): string[] =>
  [...checks.values()].filter(({ status }) => status === 'SUCCESS').map(({ name }) => name);
