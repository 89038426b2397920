import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConfigAck } from '@stoa/generated/schemas.ts';
import { asGateway } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { hashOfNothing } from './rendered-item.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => plane.close());

/** A gateway that was given the state of nothing. */
async function register(name: string): Promise<string> {
  const { gateway_id } = (await gateways.register(name)).body;
  expect((await gateways.config(gateway_id)).status).toBe(200);
  return gateway_id;
}
const ackOf = (more: Partial<ConfigAck> = {}): ConfigAck => ({
  generation: 0,
  hash: hashOfNothing,
  state: 'applied',
  items: [],
  unlisted_applied: true,
  ...more,
});
const write = (id: string, more: Partial<ConfigAck> = {}) => plane.context.acks.write(id, ackOf(more));
const stored = async (ids: string[]) => {
  const rows = await plane.store.prisma.gateway_config.findMany({ where: { gateway_id: { in: ids } } });
  return ids.map((id) => rows.find(({ gateway_id }) => gateway_id === id)?.acked_state);
};

describe('the writer of acknowledgements', () => {
  it('stores those of many gateways with few statements, each before it is answered', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => register(`many-${n}`)));
    const statements = vi.spyOn(plane.context.db.pool, 'query');
    expect(await Promise.all(ids.map((id) => write(id)))).toEqual(ids.map(() => true));
    expect(statements.mock.calls.length).toBeLessThan(4);
    expect(await stored(ids)).toEqual(ids.map(() => 'applied'));
  });

  it('keeps the order of each gateway', async () => {
    const [busy = '', calm = ''] = await Promise.all([register('busy'), register('calm')]);
    const states = ['applied', 'rejected', 'applied_with_warnings', 'rejected'] as const;
    const order: string[] = [];
    await Promise.all([...states.map((state) => write(busy, { state }).then(() => order.push(state))), write(calm)]);
    expect([order, await stored([busy, calm])]).toEqual([[...states], ['rejected', 'applied']]);
  });

  it('tells those alone that were not taken, and fails those alone that cannot be stored', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, (_, n) => register(`mixed-${n}`)));
    const wrong = [{}, { generation: 7 }, { hash: 'sha256:other' }, { hash: 'a\0b' }, {}];
    const answers = await Promise.allSettled(ids.map((id, n) => write(id, wrong[n])));
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'failed'))).toEqual([true, false, false, 'failed', true]);
  });

  it('answers none before it is committed', async () => {
    const id = await register('committed');
    const { pool } = plane.context.db;
    const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    vi.spyOn(pool, 'query').mockImplementation(async (...args: unknown[]) => {
      const result = await query(...args);
      if ((args[0] as { name?: string }).name === 'store-acks') await held;
      return result;
    });
    let isAnswered = false;
    const written = write(id).then(() => (isAnswered = true));
    await vi.waitFor(async () => expect(await stored([id])).toEqual(['applied']));
    expect(isAnswered).toBe(false);
    release();
    await written;
  });
});
