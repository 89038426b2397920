import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/settings.ts';

/** Which processes a run of `make up` consists of: its own and, by name, its programs'. */
export type RunRecord = { up: number; programs: Record<string, number> };

const ownCommand = /examples\/up\/main\.ts/;
const programCommand = /dist\/stoa-[a-z-]+\/main\.mjs|examples\/(orders|support|kong-simulator)\/main\.ts/;
const stopWithinMs = 15_000;

/** Written whenever a program is started, before anything waits for it: whoever is killed leaves a true record. */
export function writeRunRecord(file: string, record: RunRecord): void {
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

/** Once everything has stopped there is nothing to tell of. */
export const removeRunRecord = (file: string): void => rmSync(file, { force: true });

/**
 * Refuses a second run in the same place, and stops the programs that a killed one left behind. A process id counts only while its command is one
 * of ours: ids are given anew.
 */
export async function settleEarlierRun(file: string): Promise<void> {
  const record = readRunRecord(file);
  if (!record) return;
  if (record.up !== process.pid && ownCommand.test(commandOf(record.up))) {
    throw new ExpectedError(
      `make up runs already, as process ${record.up}: stop it first, or give this one a place of its own with UP_STATE_DIR and other ports.`,
    );
  }
  const orphans = Object.values(record.programs).filter((pid) => programCommand.test(commandOf(pid)));
  if (orphans.length === 0) return;
  console.log(`An earlier run was killed; stopping the ${orphans.length} programs that it left behind …`);
  for (const pid of orphans) process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + stopWithinMs;
  while (orphans.some((pid) => programCommand.test(commandOf(pid)))) {
    if (Date.now() > deadline) for (const pid of orphans.filter((left) => programCommand.test(commandOf(left)))) process.kill(pid, 'SIGKILL');
    await delay(50);
  }
}

function readRunRecord(file: string): RunRecord | undefined {
  try {
    const { up, programs } = JSON.parse(readFileSync(file, 'utf8')) as Partial<RunRecord>;
    if (!Number.isInteger(up) || typeof programs !== 'object') return undefined;
    return { up: up as number, programs: Object.fromEntries(Object.entries(programs).filter(([, pid]) => Number.isInteger(pid) && pid > 1)) };
  } catch {
    return undefined; // No earlier run, or one that was killed while it wrote: nothing is known of it.
  }
}

/** The command line of a process; empty when there is none. */
function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
