import { setTimeout } from 'node:timers/promises';
import type { NginxTools } from './tools.ts';

/** How often nginx is asked which generation answers, and for how long. */
export type Pace = {
  /** How long another generation may answer before it is taken for the one that stays. */
  readonly patienceMs: number;
  /** How many new connections in a row have to be answered by the one that is wanted. */
  readonly inARow: number;
};

/** nginx tries for 2.5 s to take a port that another program holds, before it goes on with what it had. */
export const afterReload: Pace = { patienceMs: 6000, inARow: 5 };
/** Where nobody reloads, the last old workers of a reload before are all that can answer otherwise for a while. */
export const meanwhile: Pace = { patienceMs: 2000, inARow: 1 };

const intervalMs = 50;

/**
 * Whether new connections are answered by a generation; by none where it is undefined. At a reload old workers take connections for a tenth of a second beside the
 * new ones, and for longer on a busy machine: one answer says nothing of the next.
 */
export async function isServed(
  tools: Pick<NginxTools, 'generation'>,
  wanted: string | undefined,
  { patienceMs, inARow }: Pace,
  signal?: AbortSignal,
): Promise<boolean> {
  let agreed = 0;
  for (let waited = 0; ; waited += intervalMs) {
    agreed = (await tools.generation(signal)) === wanted ? agreed + 1 : 0;
    if (agreed >= inARow) return true;
    if (agreed === 0 && waited >= patienceMs) return false;
    await setTimeout(intervalMs, undefined, { signal });
  }
}
