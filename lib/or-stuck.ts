import { setTimeout as delay } from 'node:timers/promises';
import { StuckError } from './errors.ts';

/** What `work` answers, or a `StuckError` with this message when it takes longer. The work goes on: nothing can end it. */
export async function orStuck<T>(work: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  const patience = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: patience.signal }).then(
    () => Promise.reject(new StuckError(message)),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    patience.abort();
  }
}
