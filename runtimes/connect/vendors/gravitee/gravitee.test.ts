import { describe, expect, it } from 'vitest';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { credential, graviteeBench, reasons } from '../../testing/gravitee-bench.ts';
import { askAsWritten } from '../../testing/written.ts';
import { createGraviteeAdapter } from './adapter.ts';

const bench = graviteeBench();
const { everything, writes, get } = bench;

describe('an API on Gravitee', () => {
  it('is served to its subscribers, at the paths of its operations alone, with its limit', async () => {
    expect(reasons(await bench.connect.pass(everything(2)))).not.toMatch(/rejected/);
    const key = { 'x-api-key': 'the-key-of-ann' };
    expect((await get('/orders/1')).status).toBe(401);
    const answer = await get('/orders/1', key);
    // The key is for the gateway, and not for the upstream.
    expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 200, body: { path: '/orders/1', key: null } });
    expect((await get('/orders', key)).status).toBe(200);
    expect((await get('/orders', key)).status).toBe(429);
    expect((await get('/orders/1/lines', key)).status).not.toBe(200);
    expect((await get('/elsewhere', key)).status).toBe(404);
  });

  it('takes no path in which its upstream, which is sent what is written, would read another operation', async () => {
    await bench.connect.pass(everything());
    const key = { 'x-api-key': 'the-key-of-ann' };
    const refused = [
      '/orders/..',
      '/orders/%2e%2E',
      '/orders/.',
      '/orders/..;x=1',
      '/orders/..%2fadmin',
      '/orders/..%5Cadmin',
      '/orders/..\\admin',
      '/orders/7#',
    ];
    for (const path of refused) expect([path, (await askAsWritten(bench.simulator.gatewayUrl, path, key)).status]).toEqual([path, 404]);
    for (const path of ['/orders/7', '/orders/7..8', '/orders/.7', '/orders/a%20b', '/orders/7?at=//a/../b%2f'])
      expect(JSON.parse((await askAsWritten(bench.simulator.gatewayUrl, path, key)).text)).toMatchObject({ path });
  });

  it('that is withdrawn takes with it what hangs on it, and the applications of its callers', async () => {
    await bench.connect.pass(everything());
    await bench.connect.pass([]);
    expect(bench.simulator.state.apis.size).toBe(0);
    expect([...bench.simulator.state.applications.values()].filter(({ status }) => status === 'ACTIVE').map(({ name }) => name)).toEqual([
      'Default application',
    ]);
  });

  it('lets a caller in no longer whose subscription has ended, without a deployment', async () => {
    const [own, keys, limit, who] = everything();
    await bench.connect.pass(everything());
    writes();
    await bench.connect.pass([own, keys, limit, who] as ConfigItem[]);
    expect(writes()).toEqual(['POST /apis/*/subscriptions/*/_close', 'DELETE /applications/*']);
    expect((await get('/orders', { 'x-api-key': 'the-key-of-ann' })).status).toBe(401);
  });
});

describe('the account of Connect', () => {
  it('that is refused is told of with the setting', async () => {
    const other = createGraviteeAdapter({ url: bench.simulator.managementUrl, credential: credential('bad'), timeoutMs: 5000 });
    await expect(other.reach(AbortSignal.timeout(5000))).rejects.toThrow(/STOA_TARGET_GATEWAY_TOKEN/);
    other.close();
  });

  it('reaches Gravitee, which tells the version of its gateways', async () => {
    expect(await bench.adapter.reach(AbortSignal.timeout(5000))).toEqual({ type: 'gravitee', version: '4.10.9', url: bench.simulator.managementUrl });
  });
});
