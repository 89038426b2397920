import { useEffect, useRef, useState } from 'react';
import { readFleet } from '../api.ts';
import type { FleetSnapshot } from '../api.ts';
import { startPolling } from '../poll.ts';
import type { Poll } from '../poll.ts';
import { describeChanges } from './changes.ts';
import type { Filters } from './filters.ts';
import { shareUnchanged } from './share-unchanged.ts';

export type ReadFailure = { message: string; retryInMs: number };
export type FleetState = {
  snapshot: FleetSnapshot | undefined;
  /** Set while reading fails; the last snapshot stays. */
  failure: ReadFailure | undefined;
  signedOut: boolean;
  /** The last change in words. */
  announcement: string;
};

const pollIntervalMs = 2000;
const nothingYet: FleetState = { snapshot: undefined, failure: undefined, signedOut: false, announcement: '' };

/** The fleet, read every two seconds while the page is visible. */
export function useFleet(filters: Filters): { state: FleetState; refresh: () => void; forget: () => void } {
  const [state, setState] = useState(nothingYet);
  const poll = useRef<Poll>(undefined);
  const latestFilters = useRef(filters);
  latestFilters.current = filters;

  useEffect(() => {
    const isVisible = () => document.visibilityState === 'visible';
    const running = startPolling<FleetSnapshot>({
      load: (signal) => readFleet(latestFilters.current, signal),
      intervalMs: pollIntervalMs,
      isVisible,
      deliver(outcome, retryInMs) {
        if (outcome.kind === 'ok') setState((previous) => withSnapshot(previous, outcome.value));
        else if (outcome.kind === 'failed') setState((previous) => ({ ...previous, failure: { message: outcome.message, retryInMs } }));
        // What was read belongs to the session that is over.
        else setState({ ...nothingYet, signedOut: true });
      },
    });
    poll.current = running;
    const onVisibility = () => isVisible() && running.refresh();
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('online', running.refresh);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('online', running.refresh);
      running.stop();
    };
  }, []);

  // Only a mode with more instances than one answer carries depends on the server's filter; asking again costs one request.
  const { environment, liveness } = filters;
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) poll.current?.refresh();
    isFirst.current = false;
  }, [environment, liveness]);

  return {
    state,
    refresh: () => poll.current?.refresh(),
    forget() {
      poll.current?.stop();
      setState({ ...nothingYet, signedOut: true });
    },
  };
}

function withSnapshot(previous: FleetState, snapshot: FleetSnapshot): FleetState {
  const before = previous.snapshot?.modes;
  const changes = before === undefined ? '' : describeChanges(before, snapshot.modes);
  const modes = before === undefined ? snapshot.modes : shareUnchanged(before, snapshot.modes);
  return { snapshot: { ...snapshot, modes }, failure: undefined, signedOut: false, announcement: changes || previous.announcement };
}
