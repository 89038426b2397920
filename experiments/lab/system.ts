import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningSystem } from '../../tests/system/running-system.ts';

export type System = RunningSystem & { stateDir: string };

/** The process id of a program of the system, by the name that `make up` gives it. */
export async function pidOf(system: System, name: string): Promise<number> {
  const pid = (await system.pids())[name];
  if (pid === undefined) throw new Error(`There is no program ${name}.`);
  return pid;
}

export async function postmasterOf({ stateDir }: System): Promise<number> {
  return Number((await readFile(join(stateDir, 'control-plane/cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
}
