import { describe, expect, it } from 'vitest';
import type { ApiItem } from '@stoa/generated/schemas.ts';
import { configOf, consumerItem, getOrder, policyItem, subscriptionItem } from '../../testing/fixtures.ts';
import { agent, bearer, openingRest } from './testing/fixture.ts';

const { upstream, open, orders } = openingRest();

/** An API that is a version of `orders`; each version has an upstream of its own, told by its path. */
const version = (name: string, given: Partial<ApiItem> = {}): ApiItem =>
  orders({
    name,
    upstream: { url: `${upstream.url}/${name}` },
    operations: [{ ...getOrder(), tool: { ...getOrder().tool, name: `${name}_getOrder` } }],
    ...given,
  });
const sunset = { deprecated_at: '2026-11-01T00:00:00.000Z', sunset_at: '2027-05-01T00:00:00.000Z' };
const first = { version_of: 'orders', version: 'v1' };
const second = { version_of: 'orders', version: 'v2' };

describe('versions of an API', () => {
  it('stand side by side, each by its own name and below the one that they have in common', async () => {
    const { ask } = await open(configOf(version('orders-v1', { lifecycle: first }), version('orders-v2', { lifecycle: second }), agent));
    for (const path of ['/apis/orders/v1/orders/7?a=1', '/apis/orders/v2/orders/7', '/apis/orders-v2/orders/7'])
      expect((await ask(path)).status, path).toBe(200);
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/orders-v1/orders/7?a=1', '/orders-v2/orders/7', '/orders-v2/orders/7']);
    for (const path of [
      '/apis/orders/v3/orders/7',
      '/apis/orders/orders/7',
      '/apis/orders/V1/orders/7',
      '/apis/orders/v1',
      '/apis/orders/%761/orders/7',
      '/apis/orders/v1//orders/7',
    ])
      expect((await ask(path)).status, path).toBe(404);
  });

  it('take nothing from an API of that name: what it has an operation for is that', async () => {
    const { operation_id, ...tool } = { ...getOrder(), operation_id: 'older' };
    const older = { ...tool, operation_id, path: '/v2/orders/{order_id}', tool: { ...getOrder().tool, name: 'orders_older' } };
    const own = orders({ operations: [getOrder(), older] });
    const { ask } = await open(
      configOf(own, version('orders-v2', { lifecycle: second }), version('orders-v3', { lifecycle: { version_of: 'orders', version: 'v3' } }), agent),
    );
    for (const path of ['/apis/orders/orders/7', '/apis/orders/v2/orders/7', '/apis/orders/v3/orders/7']) await ask(path);
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/v1/orders/7', '/v1/v2/orders/7', '/orders-v3/orders/7']);
  });

  it('answer no preflight about what an API of that name has an operation for', async () => {
    const older = { ...getOrder(), path: '/v2/orders/{order_id}' };
    const newer = version('orders-v2', { lifecycle: second });
    const pages = policyItem({ kind: 'cors', config: { allow_origins: ['https://app.example'] } }, [newer]);
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'GET' };
    const opened = await open(configOf(orders({ operations: [older] }), newer, pages, agent));
    expect((await opened.ask('/apis/orders/v2/orders/7', preflight, 'OPTIONS')).headers).not.toHaveProperty('access-control-allow-origin');
    const alone = await open(configOf(newer, pages, agent));
    expect((await alone.ask('/apis/orders/v2/orders/7', preflight, 'OPTIONS')).headers).toHaveProperty('access-control-allow-origin');
  });

  it('are subscribed to one by one', async () => {
    const { item } = consumerItem();
    const closed = version('orders-v2', { lifecycle: second, subscription_required: true });
    const { ask } = await open(configOf(version('orders-v1', { lifecycle: first }), closed, agent, item));
    expect([(await ask('/apis/orders/v1/orders/7')).status, (await ask('/apis/orders/v2/orders/7')).status]).toEqual([200, 404]);
    const opened = await open(configOf(closed, agent, subscriptionItem(closed, agent)));
    expect((await opened.ask('/apis/orders/v2/orders/7')).status).toBe(200);
  });
});

describe('an API that is given up', () => {
  const information_url = 'https://developer.example.com/orders/v1';

  it('says so in each answer, in place of the upstream’s word, with where to read about it and what takes its place', async () => {
    upstream.respond = (_request, response) => response.writeHead(200, { deprecation: '@1', sunset: 'never', link: '</next>; rel="next"' }).end();
    const old = version('orders-v1', { lifecycle: { ...first, ...sunset, successor: 'orders-v2', information_url } });
    const { ask } = await open(configOf(old, version('orders-v2', { lifecycle: second }), agent));
    const { headers } = await ask('/apis/orders/v1/orders/7');
    expect(headers).toMatchObject({
      deprecation: '@1793491200',
      sunset: 'Sat, 01 May 2027 00:00:00 GMT',
      link: `</next>; rel="next", <${information_url}>; rel="deprecation sunset"; type="text/html", </apis/orders/v2>; rel="successor-version"`,
    });
    const { headers: ofNewer } = await ask('/apis/orders/v2/orders/7');
    expect(ofNewer).toMatchObject({ deprecation: '@1', sunset: 'never', link: '</next>; rel="next"' });
  });

  it('goes on to work after its sunset', async () => {
    const { ask } = await open(configOf(version('orders-v1', { lifecycle: { sunset_at: '2020-01-01T00:00:00.000Z' } }), agent));
    expect(await ask('/apis/orders-v1/orders/7')).toMatchObject({ status: 200, headers: { sunset: 'Wed, 01 Jan 2020 00:00:00 GMT' } });
  });

  it('names no successor that the caller may not use, and says nothing to whom it does not let in', async () => {
    const old = version('orders-v1', { lifecycle: { ...first, ...sunset, successor: 'orders-v2' } });
    const { ask } = await open(configOf(old, version('orders-v2', { subscription_required: true }), agent));
    expect((await ask('/apis/orders/v1/orders/7')).headers).not.toHaveProperty('link');
    for (const [path, headers] of [
      ['/apis/orders/v1/nothing', bearer],
      ['/apis/orders/v1/orders/7', {}],
    ] as const)
      expect((await ask(path, headers)).headers, path).not.toHaveProperty('deprecation');
  });
});
