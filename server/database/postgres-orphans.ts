import { readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readIfPresent } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { commandLine } from '@stoa/lib/process-identity.ts';
import { escalation, signalIfAlive } from './postgres-process.ts';

const pollMs = 20;
const sessionsMs = { patient: 1_000, longest: 10_000 };

/**
 * Stops what a killed control plane or a killed server left running on `clusterDir`. The caller holds the directory's lock, so it has no owner; it
 * is not adopted, because its port, password and output belong to the dead process.
 */
export async function stopOrphans(clusterDir: string, log: Logger): Promise<void> {
  await stopServer(clusterDir, log);
  await killSessions(clusterDir, log);
}

async function stopServer(clusterDir: string, log: Logger): Promise<void> {
  const pidFile = await readIfPresent(join(clusterDir, 'postmaster.pid'));
  const pid = Number(pidFile?.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  const runs = async () => {
    const command = await commandLine(pid);
    return command.includes('postgres') && command.includes(clusterDir);
  };
  if (!(await runs())) {
    // After a container's restart the pid often belongs to someone else, and PostgreSQL would take him for its older self.
    if ((await commandLine(pid)) !== '') await rm(join(clusterDir, 'postmaster.pid'));
    return;
  }
  log.warn({ pid }, 'A PostgreSQL left by a killed control plane still runs on the data directory: stopping it.');
  for (const [signal, timeoutMs] of escalation) {
    signalIfAlive(pid, signal);
    const deadline = performance.now() + timeoutMs;
    // Not our child: the system tells nobody but its parent, so its end can only be polled.
    while (performance.now() < deadline) {
      if (!(await runs())) return;
      await delay(pollMs);
    }
  }
  throw new ExpectedError(`A PostgreSQL (pid ${pid}) from an earlier run still uses ${clusterDir} and does not stop: end it, then start again.`);
}

/**
 * The sessions of a server that was killed end by themselves as soon as they look up from their work; until the last has, no new server may
 * start. One that does not look up is killed: what it did was not committed, and there is no server any more that could commit it.
 */
async function killSessions(clusterDir: string, log: Logger): Promise<void> {
  const since = performance.now();
  for (let left = await sessionsOf(clusterDir); left.length > 0; left = await sessionsOf(clusterDir)) {
    const passedMs = performance.now() - since;
    if (passedMs > sessionsMs.longest) return;
    if (passedMs > sessionsMs.patient) {
      log.warn({ pids: left }, 'Sessions of a killed PostgreSQL do not end by themselves: killing them.');
      for (const pid of left) signalIfAlive(pid, 'SIGKILL');
    }
    await delay(pollMs * 5);
  }
}

/** Found by what they work in, which only Linux tells; elsewhere a new server is tried until they have ended. */
async function sessionsOf(clusterDir: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if ((await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) !== clusterDir) return [];
      return (await commandLine(pid)).startsWith('postgres:') ? [pid] : [];
    }),
  );
  return found.flat();
}
