import { expect, it } from 'vitest';
import type { Gateway, GatewayChanges, GatewayTransition, LivenessCounts } from '@stoa/generated/schemas.ts';
import type { FleetSnapshot } from './read-fleet.ts';
import { applyChanges, describeChanges } from './changes.ts';
import { noFilters } from './filters.ts';
import { shareUnchanged } from './share-unchanged.ts';

const none: LivenessCounts = { online: 0, late: 0, offline: 0, left: 0, revoked: 0, conflict: 0 };
const transition = (instance_name: string, more: Partial<GatewayTransition> = {}): GatewayTransition => ({
  gateway_id: instance_name,
  instance_name,
  gateway_mode: 'connect',
  environment: 'production',
  at: '2026-11-22T18:24:00.000Z',
  ...more,
});
const gateway = (gateway_id: string) => ({ gateway_id, liveness: 'online' }) as Gateway;
const snapshot: FleetSnapshot = {
  filters: noFilters,
  modes: {
    as_of: '2026-11-22T18:23:00.000Z',
    modes: [
      {
        gateway_mode: 'connect',
        product: 'STOA Connect',
        total: 2,
        counts: { ...none, online: 2 },
        instances: [],
        more: 2,
        environments: [{ environment: 'production', counts: { ...none, online: 2 } }],
      },
    ],
  },
  lists: new Map([['connect', { items: [gateway('a'), gateway('b')], next_cursor: null }]]),
};
const changes: GatewayChanges = {
  as_of: '2026-11-22T18:24:00.000Z',
  counts: [
    { gateway_mode: 'connect', environment: 'production', liveness: 'online', count: 1 },
    { gateway_mode: 'connect', environment: 'staging', liveness: 'late', count: 3 },
  ],
  transitions: [transition('a', { was: 'online', liveness: 'offline' })],
  more: 0,
  brakes: [],
};

it('takes over counts and states that an event tells, and leaves the other rows the objects that they were', () => {
  const after = applyChanges(snapshot, changes);
  expect(after.modes).toMatchObject({ as_of: changes.as_of, brakes: [] });
  expect(after.modes.modes[0]).toMatchObject({ total: 4, counts: { ...none, online: 1, late: 3 } });
  const [a, b] = after.lists.get('connect')?.items ?? [];
  expect(a?.liveness).toBe('offline');
  expect(b).toBe(snapshot.lists.get('connect')?.items[1]);
  expect(shareUnchanged(snapshot, structuredClone(snapshot)).lists.get('connect')?.items[0]).toBe(snapshot.lists.get('connect')?.items[0]);
});

it('tells changes in words, of many the first three', () => {
  const told = [transition('a', { liveness: 'online' }), transition('b', { was: 'late', liveness: 'offline' }), transition('c', { was: 'left' })];
  expect(describeChanges({ transitions: told, more: 0 })).toBe('a appeared, online. b is now offline. c was forgotten.');
  expect(describeChanges({ transitions: [...told, transition('d')], more: 1200 })).toContain('And 1,201 more changes.');
  expect(describeChanges({ transitions: [], more: 0 })).toBe('');
});
