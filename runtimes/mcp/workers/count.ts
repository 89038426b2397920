import { availableParallelism } from 'node:os';
import type { Logger } from '@stoa/lib/log.ts';

/** How many workers `STOA_WORKERS` asks for and this machine can have: more than one can share a port on Linux only. */
export function workersOf(setting: string, log: Logger, platform: NodeJS.Platform = process.platform): number {
  const count = setting === 'auto' ? availableParallelism() : Number(setting);
  if (count === 1 || platform === 'linux') return count;
  log.warn({ platform, workers: count }, 'One worker serves: several can share a port (STOA_WORKERS) on Linux only.');
  return 1;
}
