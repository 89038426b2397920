import { afterEach, expect, it } from 'vitest';
import { gatewayId } from '../../testing/config.ts';
import { ackOf, everything, orders, startKongBench } from '../../testing/kong-bench.ts';
import type { KongBench } from '../../testing/kong-bench.ts';

// `applied` means served: what was written is asked for through Kong's proxy, where its address is known.

let kong: KongBench;
afterEach(() => kong.close());

const whatIsServed = async (): Promise<string> => (await fetch(`${kong.simulator.proxyUrl}/stoa-generation/${gatewayId}`)).text();
const statusOf = async (path: string): Promise<number> => (await fetch(kong.simulator.proxyUrl + path)).status;

it('an API counts as applied when the proxy serves it, and not when the Admin API has it', async () => {
  kong = await startKongBench({ proxyDelayMs: 60, served: { tries: 500, everyMs: 5 } });
  expect((await kong.pass(everything)).outcome.state).toBe('applied');
  // Without waiting: its guard answers.
  expect(await statusOf('/orders')).toBe(401);
  const before = await whatIsServed();
  expect((await kong.pass([orders])).outcome.state).toBe('applied');
  expect(await whatIsServed()).not.toBe(before);
  kong.writes();
  const again = await kong.pass([orders]);
  expect([kong.writes(), again.drift, again.outcome.state]).toEqual([[], [], 'applied']);
});

it('what the proxy does not serve is rejected, and applied by a later look that finds it served', async () => {
  kong = await startKongBench({ proxyDelayMs: 86_400_000, served: { tries: 2, everyMs: 1 } });
  const late = await kong.pass(everything);
  expect(late.retry).toBe(true);
  expect(ackOf(late, orders)).toMatchObject({
    state: 'rejected',
    phase: 'verify',
    reason: expect.stringContaining("Kong's proxy does not serve it yet"),
  });
  const still = await kong.pass(everything);
  expect([still.writes, ackOf(still, orders)]).toEqual([[], expect.objectContaining({ state: 'rejected', phase: 'verify' })]);
  kong.simulator.followNow();
  expect((await kong.pass(everything)).outcome.state).toBe('applied');
});

it('a proxy that cannot be asked is a warning: what was written is there', async () => {
  kong = await startKongBench({ served: { tries: 2, everyMs: 1 } });
  await kong.admin('POST', '/plugins', { name: 'request-termination', config: { status_code: 403, message: 'closed' } });
  await kong.admin('POST', '/plugins', { name: 'key-auth', config: {} });
  const result = await kong.pass([orders]);
  expect(ackOf(result, orders)).toMatchObject({
    state: 'applied_with_warnings',
    phase: 'verify',
    reason: expect.stringMatching(/answers 401.*nobody knows/),
  });
});

it('what says the state goes with the last API, holds no key, and is put back when somebody deletes it', async () => {
  kong = await startKongBench({ served: { tries: 500, everyMs: 5 } });
  await kong.pass(everything);
  const marker = async () => (await kong.list('routes')).filter(({ name }) => String(name).startsWith('stoa-generation.'));
  const [found] = await marker();
  expect(found).toMatchObject({ service: null, paths: [`~/stoa-generation/${gatewayId}$`] });
  await kong.admin('DELETE', `/routes/${String(found?.['id'])}`);
  const repaired = await kong.pass(everything);
  expect(repaired.drift.map(({ object, kind }) => [object, kind])).toEqual([
    ['route stoa-generation', 'missing'],
    ['plugin stoa-generation', 'missing'],
  ]);
  expect(await marker()).toHaveLength(1);
  await kong.pass([]);
  for (const kind of ['routes', 'plugins', 'services']) expect(await kong.list(kind)).toEqual([]);
});

it('without the address of the proxy nothing but the APIs is written', async () => {
  kong = await startKongBench();
  await kong.pass(everything);
  expect((await kong.list('routes')).every(({ name }) => String(name).startsWith('stoa-orders.'))).toBe(true);
});
