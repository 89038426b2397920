import { useEffect, useRef, useState } from 'react';
import type { GatewayChanges } from '@stoa/generated/schemas.ts';
import { firstRows, readFleet } from './read-fleet.ts';
import type { FleetQuery, FleetSnapshot } from './read-fleet.ts';
import { startPolling } from '../poll.ts';
import type { Poll } from '../poll.ts';
import { applyChanges, describeChanges } from './changes.ts';
import type { Filters } from './filters.ts';
import { followEvents } from './follow-events.ts';
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

const shortestIntervalMs = 10_000;
const longestIntervalMs = 600_000;
/** An open page shall move little where nothing happens, however much it shows. */
const intervalMsARow = 800;
const failureIntervalMs = 2_000;
/** After changes, lists are read again this often at most. */
const gatherMs = 2_000;
const moreRows = 100;
const maxRows = 5_000;
const nothingYet: FleetState = { snapshot: undefined, failure: undefined, signedOut: false, announcement: '' };

type Fleet = { state: FleetState; refresh: () => void; showMore: (mode: string) => void };

/** The fleet: read once, told of changes as they happen, and read again from time to time while the page is visible, for what no event tells. */
export function useFleet(filters: Filters): Fleet {
  const [state, setState] = useState(nothingYet);
  const poll = useRef<Poll>(undefined);
  const query = useRef<FleetQuery>({ filters, rows: new Map() });
  query.current = { ...query.current, filters };
  const shown = useRef(0);

  useEffect(() => {
    const isVisible = () => document.visibilityState === 'visible';
    let gathering: ReturnType<typeof setTimeout> | undefined;
    const events = followEvents({
      changed(changes: GatewayChanges) {
        setState((previous) => withChanges(previous, changes));
        gathering ??= setTimeout(() => {
          gathering = undefined;
          if (isVisible()) running.refresh();
        }, gatherMs);
      },
      lost: () => isVisible() && running.refresh(),
    });
    const running = startPolling<FleetSnapshot>({
      load: (signal) => readFleet(query.current, signal),
      intervalMs: () => Math.min(longestIntervalMs, Math.max(shortestIntervalMs, shown.current * intervalMsARow)),
      failureIntervalMs,
      isVisible,
      deliver(outcome, retryInMs) {
        if (outcome.kind === 'ok') {
          shown.current = [...outcome.value.lists.values()].reduce((sum, { items }) => sum + items.length, 0);
          events.openAfter(outcome.value.modes.event_id);
          setState((previous) => withSnapshot(previous, outcome.value));
        } else if (outcome.kind === 'failed') setState((previous) => ({ ...previous, failure: { message: outcome.message, retryInMs } }));
        else {
          // What was read belongs to the session that is over.
          events.close();
          setState({ ...nothingYet, signedOut: true });
        }
      },
    });
    poll.current = {
      refresh: running.refresh,
      stop() {
        clearTimeout(gathering);
        events.close();
        running.stop();
      },
    };
    const onVisibility = () => isVisible() && running.refresh();
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('online', running.refresh);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('online', running.refresh);
      poll.current?.stop();
    };
  }, []);

  const { environment, liveness, search, sort } = filters;
  const isFirst = useRef(true);
  useEffect(() => {
    query.current = { filters: query.current.filters, rows: new Map() };
    if (!isFirst.current) poll.current?.refresh();
    isFirst.current = false;
  }, [environment, liveness, search, sort]);

  return {
    state,
    refresh: () => poll.current?.refresh(),
    showMore(mode) {
      const rows = Math.min(maxRows, (query.current.rows.get(mode) ?? firstRows) + moreRows);
      query.current = { ...query.current, rows: new Map(query.current.rows).set(mode, rows) };
      poll.current?.refresh();
    },
  };
}

function withSnapshot(previous: FleetState, snapshot: FleetSnapshot): FleetState {
  const shared = previous.snapshot === undefined ? snapshot : shareUnchanged(previous.snapshot, snapshot);
  return { snapshot: shared, failure: undefined, signedOut: false, announcement: previous.announcement };
}

function withChanges(previous: FleetState, changes: GatewayChanges): FleetState {
  if (previous.snapshot === undefined) return previous;
  const announcement = describeChanges(changes) || previous.announcement;
  return { ...previous, snapshot: applyChanges(previous.snapshot, changes), announcement };
}
