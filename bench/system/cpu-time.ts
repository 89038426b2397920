import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Units of the times in /proc, a second. */
const ticksPerS = hasProc() ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : Number.NaN;

/** Seconds of processor that these processes and their threads have used since they began (proc(5), utime and stime); NaN where there is no /proc. */
export function cpuSeconds(pids: readonly number[]): number {
  if (!hasProc()) return Number.NaN;
  return pids.reduce((sum, pid) => {
    // The name of the program, in parentheses, may hold anything; utime and stime are the 12th and 13th field after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerS;
  }, 0);
}

function hasProc(): boolean {
  return process.platform === 'linux';
}
