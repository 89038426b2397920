import { inTurns } from '../turns.ts';
import { isChosen } from './selectors.ts';
import type { Recipient, Selector } from './selectors.ts';

/** Whose news it is: of gateways with these states, and of those that these selectors choose, for they have other states now. */
export type Concerned = { readonly stateKeys: readonly string[]; readonly selectors: readonly Selector[] } | 'everybody';

/** Those who are woken go on to read and to answer: in between, others get their turn. */
const wokenAtOnce = 50;

/** How long somebody waits. */
export type Patience = { readonly signal: AbortSignal; readonly forMs: number };
type Waiter = { readonly recipient: Recipient; readonly done: () => void };

/** Those who wait for news of states. */
export class ConfigWaiters {
  readonly #byState = new Map<string, Set<Waiter>>();

  get waiting(): number {
    return this.#byState.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** Resolves when it is woken, when `forMs` have passed, or when `signal` is aborted. */
  next(recipient: Recipient, stateKey: string, { signal, forMs }: Patience): Promise<void> {
    if (signal.aborted || forMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        const waiters = this.#byState.get(stateKey);
        waiters?.delete(waiter);
        if (waiters?.size === 0) this.#byState.delete(stateKey);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.ceil(forMs));
      const waiter = { recipient, done };
      const waiters = this.#byState.get(stateKey) ?? new Set();
      this.#byState.set(stateKey, waiters.add(waiter));
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Wakes those who wait now and are concerned, a slice at a time. */
  wake(concerned: Concerned): Promise<void> {
    return inTurns(this.#those(concerned), wokenAtOnce, ({ done }) => done());
  }

  #those(concerned: Concerned): Waiter[] {
    if (concerned === 'everybody') return [...this.#byState.values()].flatMap((waiters) => [...waiters]);
    const { stateKeys, selectors } = concerned;
    const changed = new Set(stateKeys);
    return [...this.#byState].flatMap(([key, waiters]) => {
      if (changed.has(key)) return [...waiters];
      if (selectors.length === 0) return [];
      return [...waiters].filter(({ recipient }) => selectors.some(({ targets }) => isChosen(targets, recipient)));
    });
  }
}
