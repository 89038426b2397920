import type { Logger } from '@stoa/lib/log.ts';
import type { Pause } from './pause.ts';
import { fullJitterMs } from './timing.ts';
import type { Random } from './timing.ts';

/**
 * Runs `step` until the signal aborts, waiting on `pause` for the milliseconds that it answers. A step that throws is logged and run
 * again after a back-off: no fault of ours may leave an instance that looks alive and does nothing (lesson 2).
 */
export async function keepRunning(options: {
  name: string;
  step: () => Promise<number>;
  pause: Pause;
  signal: AbortSignal;
  log: Logger;
  random: Random;
}): Promise<void> {
  const { name, step, pause, signal, log, random } = options;
  let failures = 0;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      waitMs = await step();
      failures = 0;
    } catch (error) {
      waitMs = fullJitterMs(failures, random);
      failures += 1;
      log.error({ err: error }, `The ${name} failed and is run again in ${Math.round(waitMs)} ms.`);
    }
    await pause.wait(waitMs, signal);
  }
}
