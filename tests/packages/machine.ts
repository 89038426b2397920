import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { FreshRoot } from './fresh-root.ts';

/** What a root needs to be a machine. */
export const machinePackages = ['systemd', 'systemd-sysv', 'dbus'];

/** A systemd that runs a fresh root as a machine of its own, on the network of this one. */
export type Machine = {
  /** Runs a line of shell in it, as root. */
  run(line: string): Promise<{ readonly status: number | null; readonly output: string }>;
  off(): Promise<void>;
};

export async function boot(root: FreshRoot): Promise<Machine> {
  writeFileSync(join(root.path, 'etc/machine-id'), '');
  const args = ['--register=no', '--keep-unit', '--quiet', '--link-journal=no', '--console=pipe', '--directory', root.path, '--boot'];
  const nspawn = spawn('systemd-nspawn', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const ended = once(nspawn, 'exit');
  await once(nspawn, 'spawn');
  const patient = { timeout: 60_000, interval: 200 };
  const init = await vi.waitFor(() => initBelow(nspawn.pid ?? 0), patient);
  const inside = ['--target', String(init), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
  const run: Machine['run'] = async (line) => {
    const child = spawn('nsenter', [...inside, 'sh', '-c', `exec 2>&1; ${line}`], {
      env: root.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, output };
  };
  await vi.waitFor(async () => {
    const { output } = await run('systemctl is-system-running');
    if (!/running|degraded/.test(output)) throw new Error(`The machine is ${output}`);
  }, patient);
  return {
    run,
    async off() {
      await run('systemctl poweroff --force --force');
      nspawn.kill('SIGTERM');
      await ended;
    },
  };
}

/** The process of the machine's systemd: the innermost below nspawn. */
function initBelow(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  const found = children.find((child) => execFileSync('ps', ['-o', 'comm=', '-p', String(child)], { encoding: 'utf8' }).trim() === 'systemd');
  if (found !== undefined) return found;
  for (const child of children) return initBelow(child);
  throw new Error('The machine has not begun to run.');
}
