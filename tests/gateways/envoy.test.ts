import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realEnvoy, startEnvoy } from '@stoa/connect/testing/envoy-process.ts';
import { freePorts } from '@stoa/connect/testing/installed.ts';
import type { RunningEnvoy } from '@stoa/connect/testing/envoy-process.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import type { Given } from './ask.ts';
import { eventually, startDeployed } from './deployed.ts';
import type { Deployed } from './deployed.ts';

const missing = realEnvoy.path === undefined ? `Envoy 1.40 is not installed: ${realEnvoy.remedy}` : undefined;
it.skipIf(missing === undefined || process.env['CI'] !== 'true')('a real Envoy is there', () => {
  throw new Error(missing);
});

describe.skipIf(missing !== undefined)(missing ?? 'a deployed API on a real Envoy', () => {
  let envoy: RunningEnvoy;
  let deployed: Deployed;
  beforeAll(async () => {
    [envoy, deployed] = await Promise.all([startEnvoy(realEnvoy.path ?? ''), startDeployed()]);
    await deployed.startConnect('envoy', {
      STOA_TARGET_GATEWAY_TYPE: 'envoy',
      STOA_TARGET_GATEWAY_URL: envoy.adminUrl,
      STOA_ENVOY_DIR: envoy.dir,
      STOA_ENVOY_LISTENER: envoy.proxyUrl,
    });
  });
  afterAll(async () => {
    await deployed?.close();
    await envoy?.stop();
  });

  const call = (target: string, given: Given = {}) => ask(`${envoy.proxyUrl}${target}`, given);

  it('is served with its policies, beside what was there, and leaves nothing when it is withdrawn', async () => {
    const consumer = await deployed.make.consumer();
    const { body } = await deployed.plane.request<{ secret: string }>('POST', `/v1/consumers/${consumer.consumer_id}/keys`, { body: {} });
    const key = { 'X-API-Key': body.secret };
    const deployment = await deployed.deploy(
      'envoy',
      ['GET /orders', 'GET /orders/latest', 'GET /orders/{id}', 'POST /orders', 'GET /files/{name}.json', 'GET /caf%C3%A9'],
      { kind: 'api_key_auth', config: { header: 'X-API-Key' } },
      { kind: 'cors', config: { allow_origins: ['https://app.example.com'], expose_headers: ['X-By'], max_age_s: 600 } },
      { kind: 'ip_restriction', config: { allow: ['127.0.0.0/8'], deny: ['127.0.0.9'] } },
      { kind: 'request_size_limit', config: { max_bytes: 10 } },
      { kind: 'rate_limit', config: { limit: 60, window_s: 86_400 } },
      {
        kind: 'headers',
        config: {
          request: { set: { 'X-Channel': 'a "quoted" \\ %value%; }' }, remove: ['X-Secret'] },
          response: { remove: ['X-Upstream'], set: { 'X-By': 'stoa' } },
        },
      },
    );
    expect([deployment.state, JSON.stringify(deployment.gateways)]).toEqual(['applied', expect.anything()]);

    for (const served of ['/orders', '/orders/latest', '/orders/7?x=1', '/files/a.json', '/caf%C3%A9', '/caf%c3%a9']) {
      expect([served, (await call(served, { headers: key })).text]).toEqual([served, 'from the upstream']);
      expect([served, (await call(served)).status]).toEqual([served, 401]);
    }
    expect(deployed.arrived.map(({ url }) => url)).toContain('/orders/7?x=1');
    expect(JSON.stringify(deployed.arrived)).not.toContain(body.secret);
    for (const other of ['/orders/7/items', '/files/a.xml', '/Orders', '/orders/', '/orders%0a', '/orders/..%2fadmin/x', '/generation']) {
      expect([other, (await call(other, { headers: key })).status]).toEqual([other, 404]);
    }
    expect((await call('/orders/7', { method: 'DELETE', headers: key })).status).toBe(404);
    expect((await ask(`${envoy.theirsUrl}/`)).text).toBe('theirs');

    for (const wrong of [`${body.secret}x`, body.secret.slice(0, -1), body.secret.toUpperCase(), body.secret.slice(0, 16), '']) {
      expect([wrong, (await call('/orders', { headers: { 'X-API-Key': wrong } })).status]).toEqual([wrong, 401]);
    }

    deployed.arrived.length = 0;
    const answer = await call('/orders', { headers: { ...key, 'X-Secret': 's', 'X-Channel': 'mine', 'X-Stoa-Client': 'mine' } });
    expect(deployed.arrived[0]?.headers).toMatchObject({ 'x-channel': 'a "quoted" \\ %value%; }' });
    for (const hidden of ['x-secret', 'x-api-key', 'x-stoa-client']) expect(deployed.arrived[0]?.headers).not.toHaveProperty(hidden);
    expect(answer.headers).toMatchObject({ 'x-by': 'stoa' });
    for (const hidden of ['x-upstream', 'access-control-allow-origin']) expect(answer.headers).not.toHaveProperty(hidden);

    for (const chunked of [false, true]) {
      expect((await call('/orders', { method: 'POST', body: 'x'.repeat(10), chunked, headers: key })).status).toBe(200);
      expect((await call('/orders', { method: 'POST', body: 'x'.repeat(11), chunked, headers: key })).status).toBe(413);
    }

    // A browser asks before it calls without a key.
    const ours = { Origin: 'https://app.example.com' };
    const asks = (more: Record<string, string>) =>
      call('/orders', { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'GET', ...more } });
    const granted = { 'access-control-allow-origin': 'https://app.example.com' };
    expect(await asks(ours)).toMatchObject({
      status: 200,
      headers: {
        ...granted,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': '*, Authorization',
        'access-control-max-age': '600',
      },
    });
    const before = deployed.arrived.length;
    for (const origin of ['https://evil.example', 'https://app.example.com.evil.example']) {
      expect((await asks({ Origin: origin })).headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect(deployed.arrived).toHaveLength(before);
    expect((await call('/orders', { headers: { ...key, Origin: 'https://evil.example' } })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
    expect((await call('/orders', { headers: { ...key, ...ours } })).headers).toMatchObject({ ...granted, 'access-control-expose-headers': 'X-By' });
    expect((await call('/orders', { headers: ours })).status).toBe(401);

    await deployed.withdraw(deployment);
    await eventually(async () => expect((await call('/orders', { headers: key })).status).toBe(404));
    const left = await Promise.all(['rds.json', 'cds.json'].map((file) => readFile(join(envoy.dir, file), 'utf8')));
    expect(left.join()).not.toContain(body.secret);
    expect((await ask(`${envoy.theirsUrl}/`)).text).toBe('theirs');
  }, 120_000);

  it('is guarded by a Link where one stands beside it: keys and counts that Envoy has not, and nobody comes in while the Link is away', async () => {
    const linked = await startEnvoy(realEnvoy.path ?? '');
    const [port = 0] = await freePorts(1);
    const link = await deployed.startLink('linked', { STOA_GRPC_LISTEN: `127.0.0.1:${port}` });
    const connect = await deployed.startConnect('linked', {
      STOA_TARGET_GATEWAY_TYPE: 'envoy',
      STOA_TARGET_GATEWAY_URL: linked.adminUrl,
      STOA_ENVOY_DIR: linked.dir,
      STOA_ENVOY_LISTENER: linked.proxyUrl,
      STOA_ENVOY_LINK_ADDRESS: `127.0.0.1:${port}`,
    });
    const consumer = await deployed.make.consumer();
    const { body } = await deployed.plane.request<{ secret: string }>('POST', `/v1/consumers/${consumer.consumer_id}/keys`, { body: {} });
    await deployed.deploy(
      'linked',
      ['GET /linked'],
      { kind: 'api_key_auth', config: { header: 'X-API-Key' } },
      { kind: 'quota', config: { limit: 3, period: 'month' } },
    );
    const ours = (headers = {}) => ask(`${linked.proxyUrl}/linked`, { headers });
    const key = { 'X-API-Key': body.secret };
    await eventually(async () => expect((await ours(key)).status).toBe(200));
    deployed.arrived.length = 0;
    const statuses: number[] = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await ours(key)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(deployed.arrived[0]?.headers).toMatchObject({ 'x-stoa-consumer': consumer.name });
    expect(deployed.arrived[0]?.headers).not.toHaveProperty('x-api-key');
    for (const wrong of [{}, { 'X-API-Key': 'anything' }, { 'X-Stoa-Consumer': consumer.name }]) expect((await ours(wrong)).status).toBe(401);
    expect((await Promise.all(['rds.json', 'stoa.json'].map((file) => readFile(join(linked.dir, file), 'utf8')))).join()).not.toContain(body.secret);

    await link.stop();
    expect((await ours(key)).status).toBe(503);
    await connect.stop();
    await linked.stop();
  }, 120_000);
});
