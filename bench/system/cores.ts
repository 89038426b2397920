import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The parts of a benchmark that must not take each other's time. */
export type Role = 'subject' | 'load' | 'upstream' | 'store';
export type CorePlan = {
  /** Cores by role; undefined where processes cannot be pinned. */ readonly cores:
    | Readonly<Record<Role, readonly number[]>>
    | undefined /** In words. */;
  readonly text: string;
};

/** Which role runs on which core: one each where there are four, else the subject alone on one and the rest together. */
export function planCores(allowed = allowedCores(), hasTaskset = commandExists('taskset')): CorePlan {
  if (!hasTaskset) return { cores: undefined, text: 'not pinned: there is no taskset on this machine' };
  const [a, b, c, d] = allowed;
  if (a === undefined || b === undefined)
    return { cores: undefined, text: 'not pinned: this machine has one core, so that everything takes time from everything' };
  if (c === undefined) {
    const text = `subject on core ${a}; load generator, upstream and database together on core ${b}: with two cores they slow each other down`;
    return { cores: { subject: [a], load: [b], upstream: [b], store: [b] }, text };
  }
  const store = d ?? c;
  return {
    cores: { subject: [a], load: [b], upstream: [c], store: [store] },
    text: `subject on core ${a}, load generator on ${b}, upstream on ${c}, Control Plane and database on ${store}`,
  };
}

/** The command that runs another on these cores. */
export function pinned(cores: readonly number[] | undefined, command: string, args: readonly string[]): { command: string; args: string[] } {
  return cores === undefined ? { command, args: [...args] } : { command: 'taskset', args: ['-c', cores.join(','), command, ...args] };
}

/** Moves a process, its threads and its descendants to these cores. */
export function pinTree(pid: number, cores: readonly number[] | undefined): void {
  if (cores === undefined) return;
  for (const one of processTree(pid)) {
    try {
      execFileSync('taskset', ['-a', '-c', '-p', cores.join(','), String(one)], { stdio: 'ignore' });
    } catch {
      // It ended meanwhile.
    }
  }
}

/** A process and all its descendants. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name of the program, in parentheses, may hold anything; the parent is the second field after it.
      parents.set(
        Number(name),
        Number(
          readFileSync(`/proc/${name}/stat`, 'utf8')
            .replace(/^.*\) /s, '')
            .split(' ')[1],
        ),
      );
    } catch {
      // It ended meanwhile.
    }
  }
  const found = [pid];
  for (const parent of found) found.push(...[...parents].filter(([child, of]) => of === parent && !found.includes(child)).map(([child]) => child));
  return found;
}

function allowedCores(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return list.split(',').flatMap((part) => {
      const [from, to = from] = part.split('-').map(Number);
      return from === undefined || to === undefined ? [] : Array.from({ length: to - from + 1 }, (_, at) => from + at);
    });
  } catch {
    return Array.from({ length: availableParallelism() }, (_, at) => at);
  }
}

function commandExists(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      return readdirSync(folder).includes(name);
    } catch {
      return false;
    }
  });
}
