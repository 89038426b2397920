import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asGateway } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => plane.close());

const setExpiry = (interval: string) => plane.store.pool.query(`UPDATE gateway_key SET expires_at = now() + $1::interval`, [interval]);

describe('a credential', () => {
  it('that was refused as expired stays dead when the clock of the database is set back', async () => {
    const key = await plane.mintGatewayKey();
    await setExpiry('-1 second');
    const status = async () => (await asGateway(plane, key).register('expired')).status;
    expect(await status()).toBe(401);
    // To the server this is what a clock that goes back looks like.
    await setExpiry('1 hour');
    expect(await status()).toBe(401);
  });

  it('that expires while it is remembered is refused in time, wherever the wall clock goes', async () => {
    const key = await plane.mintGatewayKey();
    await setExpiry('1500 milliseconds');
    const status = async () => (await asGateway(plane, key).register('expiring')).status;
    expect(await status()).toBe(200);
    const wall = vi.spyOn(Date, 'now').mockReturnValue(0);
    await vi.waitFor(async () => expect(await status()).toBe(401), { timeout: 10_000 });
    wall.mockRestore();
  });
});
