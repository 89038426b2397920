import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Drift, DriftEvent } from '@stoa/generated/schemas.ts';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { isRecord } from './compare.ts';

export type DriftLog = {
  /** Takes in what a look at the gateway found: what is new begins an event, and what is no longer so ends one. Answers the events, the newest last. */
  found(gatewayId: string, drift: readonly Drift[]): Promise<readonly DriftEvent[]>;
  /** Takes in what a pass left of it; undefined where the gateway could not be read afterwards. */
  settled(gatewayId: string, remaining: readonly Drift[] | undefined): Promise<readonly DriftEvent[]>;
};

/** As many as a report holds. */
const kept = 100;
const format = 1;

type Known = { readonly gatewayId: string; readonly events: readonly DriftEvent[] };

/**
 * What differed lately and what came of it. It is on disk, so that a restart does not make a second event of what was told before, and reports hold it whole, so that one
 * that is lost loses nothing. A file that cannot be read is an empty log.
 */
export function driftLog(stateDir: string): DriftLog {
  const path = join(stateDir, 'drift.json');
  let known: Known | undefined;

  async function of(gatewayId: string): Promise<readonly DriftEvent[]> {
    known ??= parse(await readIfPresent(path));
    return known?.gatewayId === gatewayId ? known.events : [];
  }

  async function keep(gatewayId: string, before: readonly DriftEvent[], after: readonly DriftEvent[]): Promise<readonly DriftEvent[]> {
    const events = bounded(after);
    if (JSON.stringify(events) === JSON.stringify(before)) return before;
    known = { gatewayId, events };
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    await writeDurably(path, JSON.stringify({ format, ...known }));
    return events;
  }

  return {
    async found(gatewayId, drift) {
      const before = await of(gatewayId);
      const there = new Map(drift.map((entry) => [keyOf(entry), entry]));
      const open = before.map((event): DriftEvent => {
        if (isOver(event)) return event;
        const again = there.get(keyOf(event));
        if (again === undefined) return { ...event, state: event.state === 'found' && event.wins === 'stoa' ? 'repaired' : 'gone' };
        there.delete(keyOf(event));
        const { wins = 'stoa' } = again;
        return wins === event.wins ? event : { ...event, wins, state: begun(wins) };
      });
      const fresh = [...there.values()].slice(0, kept).map(({ wins = 'stoa', ...entry }): DriftEvent => {
        return { event_id: randomUUID(), ...entry, wins, state: begun(wins) };
      });
      return keep(gatewayId, before, [...open, ...fresh]);
    },
    async settled(gatewayId, remaining) {
      const before = await of(gatewayId);
      if (remaining === undefined) return before;
      const there = new Set(remaining.map(keyOf));
      const after = before.map((event): DriftEvent => {
        if (isOver(event) || event.wins === 'gateway') return event;
        return { ...event, state: there.has(keyOf(event)) ? 'failed' : 'repaired' };
      });
      return keep(gatewayId, before, after);
    },
  };
}

/** What is over goes first, the oldest of it. What is still so stays what it was: taken out, it would be another event with each look, and push out the next. */
function bounded(events: readonly DriftEvent[]): readonly DriftEvent[] {
  let beyond = events.length - kept;
  const rest = events.filter((event) => beyond <= 0 || !isOver(event) || (beyond -= 1) < 0);
  return rest.slice(0, kept);
}

const begun = (wins: DriftEvent['wins']): DriftEvent['state'] => (wins === 'stoa' ? 'found' : 'left');
const isOver = ({ state }: DriftEvent): boolean => state === 'repaired' || state === 'gone';
const keyOf = ({ object, kind, detail = '' }: Drift | DriftEvent): string => JSON.stringify([object, kind, detail]);

function parse(text: string | undefined): Known | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value['format'] !== format || !Array.isArray(value['events'])) return undefined;
  const { gatewayId, events } = value;
  return typeof gatewayId === 'string' && events.every(isEvent) ? { gatewayId, events } : undefined;
}

function isEvent(value: unknown): value is DriftEvent {
  return isRecord(value) && ['event_id', 'object', 'kind', 'wins', 'state'].every((name) => typeof value[name] === 'string');
}
