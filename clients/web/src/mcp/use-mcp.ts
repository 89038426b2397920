import { useEffect, useRef, useState } from 'react';
import type { ApiOutcome } from '../api.ts';
import { startPolling } from '../poll.ts';
import type { Poll } from '../poll.ts';

export type Read<T> = { value: T | undefined; failure: string | undefined; signedOut: boolean };

const intervalMs = 10_000;

/** Reads again and again while the page is visible. `key` says of what; another one begins anew. */
export function useReading<T>(key: string, load: (signal: AbortSignal) => Promise<ApiOutcome<T>>): Read<T> & { refresh: () => void } {
  const [state, setState] = useState<Read<T>>({ value: undefined, failure: undefined, signedOut: false });
  const poll = useRef<Poll>(undefined);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const running = startPolling<T>({
      load: (signal) => latest.current(signal),
      deliver: (outcome) =>
        setState(({ value }) => ({
          value: outcome.kind === 'ok' ? outcome.value : value,
          failure: outcome.kind === 'failed' ? outcome.message : undefined,
          signedOut: outcome.kind === 'unauthorized',
        })),
      isVisible: () => document.visibilityState === 'visible',
      intervalMs,
    });
    poll.current = running;
    const shown = (): void => void (document.visibilityState === 'visible' && running.refresh());
    document.addEventListener('visibilitychange', shown);
    return () => {
      document.removeEventListener('visibilitychange', shown);
      running.stop();
    };
  }, [key]);
  return { ...state, refresh: () => poll.current?.refresh() };
}
