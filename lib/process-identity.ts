import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A word for one process, different for a later process that got the same pid: boot and start time.
 * `undefined` when no such process runs (a zombie does not), `''` when it runs but the system will not say since when.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (!signalable(pid)) return undefined;
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux') return psColumn('lstart', pid);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return signalable(pid) ? '' : undefined;
  // proc(5): the name in parentheses may hold anything, so count from its end; field 3 is the state, 22 the start time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return undefined;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()}/${fields[19]}`;
}

/** The command line of a process, empty when it is gone, is a zombie, or will not be shown. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.replaceAll('\0', ' ').trim();
  }
  return process.platform === 'win32' ? '' : ((await psColumn('command', pid)) ?? '');
}

async function psColumn(column: string, pid: number): Promise<string | undefined> {
  const { stdout } = await run('ps', ['-o', `${column}=`, '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() === '' ? undefined : stdout.trim();
}

function signalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
