import { setImmediate } from 'node:timers/promises';

/** How long the event loop is held at a time: calls that are in flight wait that long, and no longer. */
const heldMs = 2;

/** Lets the event loop go on between two steps of a long piece of work, once the steps since the last time have taken long enough. */
export type Breath = { readonly isDue: () => boolean; readonly take: () => Promise<void> };

export function createBreath(): Breath {
  let sinceMs = performance.now();
  return {
    isDue: () => performance.now() - sinceMs >= heldMs,
    async take() {
      await setImmediate();
      sinceMs = performance.now();
    },
  };
}
