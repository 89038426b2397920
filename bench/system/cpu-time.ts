import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { processTree } from './cores.ts';

/** Units of the times in /proc, a second. */
const ticksPerS = hasProc() ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : Number.NaN;

/**
 * Seconds of processor that these processes have used since they began; NaN where there is no /proc. The scheduler counts the threads that run
 * in nanoseconds (/proc/PID/task/TID/schedstat), and those that have ended with the whole process in hundredths of a second (proc(5), utime and stime).
 */
export function cpuSeconds(pids: readonly number[]): number {
  if (!hasProc()) return Number.NaN;
  return pids.reduce((sum, pid) => sum + Math.max(threadSeconds(pid), statSeconds(pid, 'own')), 0);
}

/** The same of a process, all its descendants, and those of its children that have ended: PostgreSQL, by its postmaster. */
export function cpuSecondsOfTree(pid: number): number {
  if (!hasProc()) return Number.NaN;
  return processTree(pid).reduce((sum, one) => sum + threadSeconds(one), 0) + statSeconds(pid, 'ended children');
}

function threadSeconds(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9, 0);
  } catch {
    // The process, or one of its threads, ended meanwhile.
    return 0;
  }
}

function statSeconds(pid: number, whose: 'own' | 'ended children'): number {
  // The name of the program, in parentheses, may hold anything; utime and stime are the 12th and 13th field after it, cutime and cstime the next two.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const first = whose === 'own' ? 11 : 13;
  return (Number(fields[first]) + Number(fields[first + 1])) / ticksPerS;
}

/** Resident memory of a process in MB of 10⁶ bytes, now and at its highest. */
export function residentMb(pid: number): { now: number; highest: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (field: string): number => (Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { now: mb('VmRSS'), highest: mb('VmHWM') };
}

function hasProc(): boolean {
  return process.platform === 'linux';
}
