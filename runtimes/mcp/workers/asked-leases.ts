import { setImmediate } from 'node:timers/promises';
import type { LeaseAsk, LeaseSource } from '../decide/replicas/lessor.ts';

type Asking = { waiting: number; readonly done: Promise<void> };

/** Asks the main thread for parts of limits: of the calls that wait for the same, once. */
export function askedLeases(ask: (asked: LeaseAsk) => Promise<void>): LeaseSource {
  const asking = new Map<string, Asking>();
  const send = async (first: LeaseAsk): Promise<void> => {
    await setImmediate();
    try {
      await ask({ ...first, waiting: asking.get(first.name)?.waiting ?? first.waiting });
    } finally {
      asking.delete(first.name);
    }
  };
  return {
    lease(asked) {
      const under = asking.get(asked.name);
      if (under !== undefined) {
        under.waiting += asked.waiting;
        return under.done;
      }
      const begun: Asking = { waiting: asked.waiting, done: send(asked) };
      asking.set(asked.name, begun);
      return begun.done;
    },
  };
}
