import type { DryRunAnswer } from '@stoa/generated/schemas.ts';
import { validateDryRunAnswer } from '@stoa/generated/validators.js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { advanceUntil, api, consumer, gatewayId, json, policyOn, problem } from './testing/fake-control-plane.ts';
import { createTestConnection } from './testing/test-connection.ts';
import type { TestConnection } from './testing/test-connection.ts';
import type { ControlPlaneConnectionOptions } from './types.ts';
import { wholeItems } from './whole-items.ts';

let test: TestConnection;
beforeEach(() => {
  vi.useFakeTimers();
  test = createTestConnection();
});
afterEach(async () => {
  await test.end();
  vi.useRealTimers();
});

const id = '4f0c5d0e-1111-4222-8333-444455556666';
const orders = api('orders');
const answers = (): DryRunAnswer[] => test.server.named('dry-run').flatMap(({ body }) => (body === undefined ? [] : [body as DryRunAnswer]));
const asked = () => test.server.named('dry-run').filter(({ body }) => body === undefined);
const asking = () => test.server.always('register', () => json({ ...test.registered, features: ['dry_run'] }));
const nothing: ControlPlaneConnectionOptions['rehearse'] = async () => ({ state: 'applied', items: [], writes: [] });

it('answers what the runtime says of the state that it is asked about, and applies nothing of it', async () => {
  asking();
  test.server.next('dry-run', json({ dry_run_id: id, items: [orders, consumer('agent')] }));
  const seen: unknown[] = [];
  await test.start({
    rehearse: async (state) => {
      seen.push([state.gateway_id, wholeItems(state)]);
      return { state: 'applied', items: [], writes: [{ action: 'put', object: 'service stoa-orders', detail: 'missing' }] };
    },
  });
  await advanceUntil(() => answers().length > 0);
  expect(seen).toEqual([[gatewayId, [orders, consumer('agent')]]]);
  expect(answers()).toEqual([
    { lease_epoch: 1, dry_run_id: id, state: 'applied', items: [], writes: [{ action: 'put', object: 'service stoa-orders', detail: 'missing' }] },
  ]);
  expect(validateDryRunAnswer(answers()[0])).toBe(true);
  expect(asked()[0]?.url.search).toBe('?wait_s=50&lease_epoch=1');
  expect(test.given).toEqual([]);
});

it('leaves out what is not understood and the APIs that it guards, and says so', async () => {
  asking();
  const unknown = { ...policyOn(orders), policy: { kind: 'teleport', config: {} } };
  test.server.next('dry-run', json({ dry_run_id: id, items: [orders, unknown] }));
  const rehearse = vi.fn(nothing);
  await test.start({ rehearse });
  await advanceUntil(() => answers().length > 0);
  expect(rehearse.mock.calls.map(([state]) => state.items.size)).toEqual([0]);
  expect(answers()[0]?.items).toMatchObject([
    { id: orders.id, state: 'rejected', phase: 'validate' },
    { id: unknown.id, state: 'rejected', phase: 'validate' },
  ]);
});

it('says that nothing is known where the runtime failed, and goes on', async () => {
  asking();
  test.server.always('dry-run', ({ body }) => (body === undefined ? json({ dry_run_id: id, items: [] }) : new Response(null, { status: 204 })));
  await test.start({
    rehearse: async () => {
      throw new Error('a defect');
    },
  });
  await advanceUntil(() => answers().length > 1);
  expect(answers()[0]).toMatchObject({ state: 'rejected', unavailable: expect.stringContaining('unexpectedly') });
});

it('asks only a server that asks for dry runs, and no more one that was replaced by an older', async () => {
  await test.start({ rehearse: nothing });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(asked()).toEqual([]);
  await test.end();
  test = createTestConnection();
  asking();
  test.server.always('dry-run', () => problem(400));
  await test.start({ rehearse: nothing });
  await advanceUntil(() => asked().length > 0);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(asked()).toHaveLength(1);
});

it('does not ask without a pause where the server does not wait', async () => {
  asking();
  test.server.always('dry-run', () => new Response(null, { status: 204 }));
  await test.start({ rehearse: nothing });
  await advanceUntil(() => asked().length > 0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked().length).toBeLessThan(10);
});
