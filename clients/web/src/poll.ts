import type { ApiOutcome } from './api.ts';

/** A running chain of reads. `refresh` reads at once, or once more when a read is under way. */
export type Poll = { refresh(): void; stop(): void };

export type PollOptions<T> = {
  load(signal: AbortSignal): Promise<ApiOutcome<T>>;
  /** Told of every outcome, in order. `retryInMs` says when the next read comes after a failure. */
  deliver(outcome: ApiOutcome<T>, retryInMs: number): void;
  /** Whether anybody looks; the chain rests while nobody does. */
  isVisible(): boolean;
  /** Between the end of a read and the next; asked after each. */
  intervalMs: number | (() => number);
  /** The pause after the first failure; the interval when absent. */
  failureIntervalMs?: number;
  random?: () => number;
};

const maxBackoffMs = 30_000;
const maxRetryAfterMs = 600_000;

/**
 * Reads every `intervalMs` while visible, one read in flight. Failures double the pause up to 30 s, with jitter, or as long as the
 * server asks. Being signed out ends the chain until the next `refresh`, which the caller also uses when the page is shown again.
 */
export function startPolling<T>({ load, deliver, isVisible, intervalMs, failureIntervalMs, random = Math.random }: PollOptions<T>): Poll {
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let inFlight = false;
  let wanted = false;
  let failures = 0;

  const read = async () => {
    inFlight = true;
    wanted = false;
    const outcome = await load(stopped.signal);
    inFlight = false;
    if (stopped.signal.aborted) return;
    failures = outcome.kind === 'failed' ? failures + 1 : 0;
    const usualMs = typeof intervalMs === 'number' ? intervalMs : intervalMs();
    const pauseMs = outcome.kind === 'failed' ? backoff(failures, failureIntervalMs ?? usualMs, outcome.retryAfterMs, random) : usualMs;
    deliver(outcome, pauseMs);
    if (wanted) refresh();
    else if (outcome.kind !== 'unauthorized') timer = setTimeout(tick, pauseMs);
  };
  const tick = () => {
    timer = undefined;
    // The caller refreshes when the page is shown again.
    if (isVisible()) void read();
  };
  const refresh = () => {
    clearTimeout(timer);
    if (inFlight) wanted = true;
    else void read();
  };
  refresh();
  return {
    refresh,
    stop() {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}

function backoff(failures: number, intervalMs: number, retryAfterMs: number | undefined, random: () => number): number {
  if (retryAfterMs !== undefined) return Math.min(maxRetryAfterMs, retryAfterMs * (1 + 0.2 * random()));
  // Half fixed and half random, so that many open Consoles do not ask again at the same moment.
  const ceiling = Math.min(maxBackoffMs, intervalMs * 2 ** Math.min(failures - 1, 10));
  return ceiling / 2 + (ceiling / 2) * random();
}
