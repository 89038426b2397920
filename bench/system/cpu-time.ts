import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { processTree } from './cores.ts';

/** Units of the times in /proc, a second. */
const ticksPerS = hasProc() ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : Number.NaN;

/** Reads the seconds of processor that something has used; what counts is the difference of two readings. */
export type Meter = () => number;

/**
 * A meter of processes; NaN where there is no /proc. The scheduler counts threads that run in nanoseconds (/proc/PID/task/TID/schedstat). Of those that ended since
 * the last reading only the process knows, in hundredths of a second (proc(5), utime and stime): its figure is taken then, where it is the larger.
 */
export function cpuMeter(pids: readonly number[]): Meter {
  if (!hasProc()) return () => Number.NaN;
  const meters = pids.map(processMeter);
  return () => meters.reduce((sum, meter) => sum + meter(), 0);
}

function processMeter(pid: number): Meter {
  let threads = new Map<string, number>();
  let byTicks = statSeconds(pid, 'own');
  let total = byTicks;
  const read = (): number => {
    const now = threadSeconds(pid);
    const hasEnded = [...threads.keys()].some((thread) => !now.has(thread));
    const precise = [...now].reduce((sum, [thread, seconds]) => sum + seconds - (threads.get(thread) ?? 0), 0);
    const ticks = statSeconds(pid, 'own');
    total += hasEnded ? Math.max(precise, ticks - byTicks) : precise;
    [threads, byTicks] = [now, ticks];
    return total;
  };
  // What was used before the first reading counts as the process has it.
  threads = threadSeconds(pid);
  return read;
}

/** Seconds of processor that a process has used since it began, threads that have ended included; in hundredths of a second. */
export function cpuSecondsSinceStart(pid: number): number {
  return hasProc() ? statSeconds(pid, 'own') : Number.NaN;
}

/** The same of a process, all its descendants, and those of its children that have ended: PostgreSQL, by its postmaster. */
export function treeMeter(pid: number): Meter {
  if (!hasProc()) return () => Number.NaN;
  const secondsOf = (one: number): number => [...threadSeconds(one).values()].reduce((sum, seconds) => sum + seconds, 0);
  return () => processTree(pid).reduce((sum, one) => sum + secondsOf(one), 0) + statSeconds(pid, 'ended children');
}

/** By thread; without those that end while they are read. */
function threadSeconds(pid: number): Map<string, number> {
  const seconds = new Map<string, number>();
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      seconds.set(thread, Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9);
    }
  } catch {
    // The process, or the thread, ended meanwhile.
  }
  return seconds;
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
