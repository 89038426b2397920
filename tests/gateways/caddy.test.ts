import { caddies, startCaddy } from '@stoa/connect/testing/caddy-process.ts';
import type { RunningCaddy } from '@stoa/connect/testing/caddy-process.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import type { Given } from './ask.ts';
import { eventually, startDeployed } from './deployed.ts';
import type { Deployed } from './deployed.ts';

/** What the operator serves besides. */
const theirs = [
  { match: [{ path: ['/theirs/*'] }], handle: [{ handler: 'static_response', body: 'theirs' }] },
  { handle: [{ handler: 'static_response', body: 'the site' }] },
];

let deployed: Deployed;
beforeAll(async () => {
  deployed = await startDeployed();
});
afterAll(() => deployed?.close());

describe.each(caddies)('a deployed API on a real $title', ({ path, title, remedy }) => {
  it.skipIf(path !== undefined || process.env['CI'] !== 'true')('has one to run on', () => {
    throw new Error(`${title} is not installed: ${remedy}`);
  });
  describe.skipIf(path === undefined)(path === undefined ? `${title} is not installed: ${remedy}` : 'from server to gateway', () => {
    let caddy: RunningCaddy;
    const environment = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    beforeAll(async () => {
      caddy = await startCaddy(path ?? '', theirs);
      await deployed.startConnect(environment, { STOA_TARGET_GATEWAY_TYPE: 'caddy', STOA_TARGET_GATEWAY_URL: caddy.adminUrl });
    });
    afterAll(() => caddy?.stop());

    const routes = async (): Promise<unknown[]> =>
      JSON.parse((await ask(`${caddy.adminUrl}/config/apps/http/servers/srv0/routes`)).text) as unknown[];
    const call = (target: string, given: Given = {}) => ask(`${caddy.proxyUrl}${target}`, given);

    it('is served with its policies, beside what was there, over a restart, and leaves nothing when it is withdrawn', async () => {
      const before = await routes();
      const deployment = await deployed.deploy(
        environment,
        ['GET /orders', 'GET /orders/latest', 'GET /orders/{id}', 'POST /orders', 'GET /files/{name}.json', 'GET /caf%C3%A9'],
        {
          kind: 'cors',
          config: { allow_origins: ['https://app.example.com'], allow_credentials: true, expose_headers: ['X-Upstream'], max_age_s: 600 },
        },
        { kind: 'request_size_limit', config: { max_bytes: 10 } },
        {
          kind: 'headers',
          config: {
            request: { set: { 'X-Channel': 'agents' }, remove: ['X-Secret'] },
            response: { remove: ['X-Upstream'], set: { 'X-By': 'stoa' } },
          },
        },
      );
      expect(deployment.state).toBe('applied');

      // What it takes, and what it does not.
      for (const served of ['/orders', '/orders/latest', '/orders/7?x=1', '/files/a.json', '/caf%C3%A9', '/caf%c3%a9']) {
        expect([served, (await call(served)).text]).toEqual([served, 'from the upstream']);
      }
      expect(deployed.arrived.map(({ url }) => url)).toContain('/orders/7?x=1');
      for (const other of ['/orders/7/items', '/files/a.xml', '/Orders', '/orders/', '/theirs/..%2forders/x/y']) {
        expect([other, (await call(other)).text]).not.toEqual([other, 'from the upstream']);
      }
      expect((await call('/orders/7', { method: 'DELETE' })).text).toBe('the site');
      expect((await call('/theirs/x')).text).toBe('theirs');

      // Headers.
      deployed.arrived.length = 0;
      const answer = await call('/orders', { headers: { 'X-Secret': 's', 'X-Channel': 'mine' } });
      expect(deployed.arrived[0]?.headers).toMatchObject({ 'x-channel': 'agents' });
      expect(deployed.arrived[0]?.headers).not.toHaveProperty('x-secret');
      expect(answer.headers).toMatchObject({ 'x-by': 'stoa' });
      expect(answer.headers).not.toHaveProperty('x-upstream');

      // Bodies, with a length and without.
      for (const chunked of [false, true]) {
        expect((await call('/orders', { method: 'POST', body: 'x'.repeat(10), chunked })).status).toBe(200);
        deployed.arrived.length = 0;
        const large = await call('/orders', { method: 'POST', body: 'x'.repeat(11), chunked });
        expect(chunked && title === 'Caddy 2.6' ? [413, 502] : [413]).toContain(large.status);
        expect(deployed.arrived).toEqual([]);
      }

      // Browsers.
      const ours = { Origin: 'https://app.example.com' };
      const asks = (more: Record<string, string>) =>
        call('/orders', { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'GET', ...more } });
      const granted = { 'access-control-allow-origin': 'https://app.example.com', 'access-control-allow-credentials': 'true' };
      expect(await asks({ ...ours, 'Access-Control-Request-Headers': 'x-a' })).toMatchObject({
        status: 204,
        headers: { ...granted, 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': 'x-a', 'access-control-max-age': '600' },
      });
      for (const origin of ['https://evil.example', 'https://app.example.com.evil.example']) {
        expect((await asks({ Origin: origin })).headers).not.toHaveProperty('access-control-allow-origin');
        expect((await call('/orders', { headers: { Origin: origin } })).headers).not.toHaveProperty('access-control-allow-origin');
      }
      expect((await call('/orders', { headers: ours })).headers).toMatchObject({
        ...granted,
        'access-control-expose-headers': 'X-Upstream',
        vary: 'Origin',
      });

      // A restart that resumes has it at once; one with the operator's configuration alone has it again at the next look.
      const applied = await routes();
      await caddy.restart('resume');
      expect(await routes()).toEqual(applied);
      await caddy.restart('config');
      await eventually(async () => expect(await routes()).toEqual(applied));
      expect((await call('/orders')).text).toBe('from the upstream');

      await deployed.withdraw(deployment);
      await eventually(async () => expect(await routes()).toEqual(before));
      expect((await call('/orders')).text).toBe('the site');
    });

    it('is closed to whom its policy names, and not served at all with a policy that Caddy cannot express', async () => {
      const closed = await deployed.deploy(environment, ['GET /closed'], { kind: 'ip_restriction', config: { deny: ['127.0.0.0/8'] } });
      expect((await call('/closed')).status).toBe(403);
      const allowed = await deployed.deploy(environment, ['GET /allowed'], { kind: 'ip_restriction', config: { allow: ['127.0.0.1'] } });
      expect((await call('/allowed')).status).toBe(200);
      const keyed = await deployed.deploy(environment, ['GET /keyed'], { kind: 'api_key_auth', config: { header: 'X-API-Key' } });
      expect(JSON.stringify(keyed)).toContain('Caddy cannot check consumer keys itself: STOA_CADDY_LINK_URL has it ask a Link');
      expect((await call('/keyed')).text).toBe('the site');
      for (const deployment of [closed, allowed, keyed]) await deployed.withdraw(deployment);
      await eventually(async () => expect(await routes()).toEqual(theirs));
    });
  });
});
