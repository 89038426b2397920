import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realNginx, startNginx } from '@stoa/connect/testing/nginx-process.ts';
import type { RunningNginx } from '@stoa/connect/testing/nginx-process.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import type { Given } from './ask.ts';
import { eventually, startDeployed } from './deployed.ts';
import type { Deployed } from './deployed.ts';

const missing = realNginx.path === undefined ? `nginx 1.22 or newer is not installed: ${realNginx.remedy}` : undefined;
it.skipIf(missing === undefined || process.env['CI'] !== 'true')('a real nginx is there', () => {
  throw new Error(missing);
});

describe.skipIf(missing !== undefined)(missing ?? 'a deployed API on a real nginx', () => {
  let nginx: RunningNginx;
  let deployed: Deployed;
  beforeAll(async () => {
    nginx = await startNginx(realNginx.path ?? '');
    deployed = await startDeployed();
    await deployed.startConnect('nginx', {
      STOA_TARGET_GATEWAY_TYPE: 'nginx',
      STOA_TARGET_GATEWAY_URL: nginx.places[0]?.generationUrl ?? '',
      STOA_NGINX_DIR: nginx.ownDir,
      STOA_NGINX_LISTEN: nginx.places[0]?.listen ?? '',
      STOA_NGINX_PROGRAM: nginx.program,
      STOA_NGINX_CONFIG: nginx.config,
      STOA_NGINX_ERROR_LOG: nginx.errorLog,
    });
  });
  afterAll(async () => {
    await deployed?.close();
    await nginx?.stop();
  });

  const call = (target: string, given: Given = {}) => ask(`${nginx.places[0]?.proxyUrl}${target}`, given);

  it('is served with its policies, beside what was there, over a restart, and leaves nothing when it is withdrawn', async () => {
    await writeFile(join(nginx.ownDir, 'theirs.conf'), '# theirs\n');
    const consumer = await deployed.make.consumer();
    const { body } = await deployed.plane.request<{ secret: string }>('POST', `/v1/consumers/${consumer.consumer_id}/keys`, { body: {} });
    const key = { 'X-API-Key': body.secret };
    const deployment = await deployed.deploy(
      'nginx',
      ['GET /orders', 'GET /orders/latest', 'GET /orders/{id}', 'POST /orders', 'GET /files/{name}.json', 'GET /caf%C3%A9'],
      { kind: 'api_key_auth', config: { header: 'X-API-Key' } },
      { kind: 'cors', config: { allow_origins: ['https://app.example.com'], allow_credentials: true, expose_headers: ['X-By'], max_age_s: 600 } },
      { kind: 'request_size_limit', config: { max_bytes: 10 } },
      {
        kind: 'headers',
        config: {
          request: { set: { 'X-Channel': 'a "quoted" \\ value; }' }, remove: ['X-Secret'] },
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
    for (const other of ['/orders/7/items', '/files/a.xml', '/Orders', '/orders/', '/orders%0a', '/orders/..%2fadmin/x', `/_stoa/orders`]) {
      expect([other, (await call(other, { headers: key })).status]).toEqual([other, 404]);
    }
    expect((await call('/orders/7', { method: 'DELETE', headers: key })).status).toBe(404);
    expect((await ask(`${nginx.theirsUrl}/`)).text).toBe('theirs');

    // The whole key counts, and its case.
    for (const wrong of [`${body.secret}x`, body.secret.slice(0, -1), body.secret.toUpperCase(), body.secret.slice(0, 16), '']) {
      expect([wrong, (await call('/orders', { headers: { 'X-API-Key': wrong } })).status]).toEqual([wrong, 401]);
    }

    deployed.arrived.length = 0;
    const answer = await call('/orders', { headers: { ...key, 'X-Secret': 's', 'X-Channel': 'mine' } });
    expect(deployed.arrived[0]?.headers).toMatchObject({ 'x-channel': 'a "quoted" \\ value; }' });
    expect(deployed.arrived[0]?.headers).not.toHaveProperty('x-secret');
    expect(answer.headers).toMatchObject({ 'x-by': 'stoa' });
    expect(answer.headers).not.toHaveProperty('x-upstream');

    for (const chunked of [false, true]) {
      expect((await call('/orders', { method: 'POST', body: 'x'.repeat(10), chunked, headers: key })).status).toBe(200);
      expect((await call('/orders', { method: 'POST', body: 'x'.repeat(11), chunked, headers: key })).status).toBe(413);
    }

    // A browser asks before it calls without a key.
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
      expect((await call('/orders', { headers: { ...key, Origin: origin } })).headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect((await call('/orders', { headers: { ...key, ...ours } })).headers).toMatchObject({ ...granted, 'access-control-expose-headers': 'X-By' });
    expect((await call('/orders', { headers: ours })).status).toBe(401);

    await nginx.restart();
    expect((await call('/orders', { headers: key })).text).toBe('from the upstream');

    // A file that somebody took away comes back.
    const own = (await readdir(nginx.ownDir)).filter((file) => file !== 'theirs.conf');
    expect(own).toHaveLength(1);
    await writeFile(join(nginx.ownDir, own[0] ?? ''), '');
    await nginx.restart();
    await eventually(async () => expect((await call('/orders', { headers: key })).text).toBe('from the upstream'));

    await deployed.withdraw(deployment);
    await eventually(async () => expect(await readdir(nginx.ownDir)).toEqual(['theirs.conf']));
    await eventually(async () => expect(await call('/orders').catch(() => 'nobody')).toBe('nobody'));
    expect((await ask(`${nginx.theirsUrl}/`)).text).toBe('theirs');
  });

  it('is closed to whom its policy names, limited, and not served at all with a policy that nginx cannot express', async () => {
    const closed = await deployed.deploy('nginx', ['GET /closed'], { kind: 'ip_restriction', config: { deny: ['127.0.0.0/8'] } });
    expect((await call('/closed')).status).toBe(403);
    const limited = await deployed.deploy('nginx', ['GET /limited'], { kind: 'rate_limit', config: { limit: 2, window_s: 60 } });
    const statuses = [(await call('/limited')).status, (await call('/limited')).status, (await call('/limited')).status];
    expect(statuses).toEqual([200, 200, 429]);
    const odd = await deployed.deploy('nginx', ['GET /odd'], { kind: 'rate_limit', config: { limit: 9, window_s: 3600 } });
    expect(JSON.stringify(odd)).toContain('which is no whole number of calls a second or a minute');
    expect((await call('/odd')).status).toBe(404);
    for (const deployment of [closed, limited, odd]) await deployed.withdraw(deployment);
  });
});
