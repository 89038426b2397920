import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asGateway, beat, registration } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { heartbeatLane } from './heartbeat-lane.ts';
import { registrationLane } from './registration-lane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => plane.close());

const post = (path: string, body: string, headers: Record<string, string>) =>
  fetch(`${plane.url}${path}`, { method: 'POST', body, headers: { authorization: `Bearer ${plane.adminToken}`, ...headers } });
const json = { 'content-type': 'application/json' };
type Told = { status: number; detail: string; errors?: { pointer: string }[]; request_id: string };
const problemOf = async (response: Response) => (await response.json()) as Told;
const pointersOf = (body: unknown) => ((body as Told).errors ?? []).map(({ pointer }) => pointer);

describe('every answer', () => {
  it('carries the headers that protect pages, and an id that its problem and the log share', async () => {
    for (const path of ['/v1/gateways', '/healthz', '/docs', '/v1/nothing', '/nothing']) {
      const { headers, status } = await fetch(`${plane.url}${path}`);
      expect([path, headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('x-powered-by')]).toEqual([
        path,
        'nosniff',
        'no-referrer',
        null,
      ]);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      if (status >= 400) expect(headers.get('content-type')).toBe('application/problem+json');
    }
    const { headers, body } = await plane.request<Told>('GET', '/v1/nothing');
    expect(body.request_id).toBe(headers.get('x-request-id'));
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('is a problem that names the path, the nearest one and the reference, where there is no such path', async () => {
    for (const [path, said] of [
      ['/v1/nothing?x=1', '/v1/nothing.'],
      ['/V1/gateways', '/V1/gateways: did you mean /v1/gateways?'],
      ['/v1/gateways/', '/v1/gateways/: did you mean /v1/gateways?'],
      ['/api', '/api: did you mean /v1/apis?'],
    ])
      expect(await plane.request('GET', path ?? '')).toMatchObject({
        status: 404,
        body: { code: 'no_such_route', detail: `There is nothing at GET ${said} The API reference is at /docs.` },
      });
    const { body } = await plane.request('GET', `/v1/${'x'.repeat(5000)}`);
    expect(body).toMatchObject({ detail: expect.stringMatching(/…\. The API reference is at \/docs\.$/) });
  });

  it('is 404 before a body is read where nothing takes it', async () => {
    expect((await post('/v1/nothing', '{', json)).status).toBe(404);
  });

  it('is 405 with Allow to a method that a path does not take', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/v1/gateways', 'GET, HEAD'],
      ['PATCH', '/v1/apis', 'GET, HEAD, POST'],
      ['GET', '/v1/internal/gateways/register', 'POST'],
    ]) {
      const { status, headers, body } = await plane.request(method ?? '', path ?? '', { token: undefined });
      expect([status, headers.get('allow')?.split(', ').sort().join(', ')]).toEqual([405, allow]);
      expect(body).toMatchObject({
        code: 'method_not_allowed',
        detail: `${method} is not for ${path}, which takes ${headers.get('allow')}. The API reference is at /docs.`,
      });
    }
    expect((await fetch(`${plane.url}/v1/gateways`, { method: 'OPTIONS' })).headers.get('allow')).toBe('GET, HEAD');
  });

  it('is 405, not a call without validation, where a fixed path hides one with a parameter', async () => {
    expect((await plane.request('DELETE', '/v1/gateways/modes')).status).toBe(405);
  });
});

describe('HEAD', () => {
  it('is validated and answered as GET, without a body', async () => {
    const head = (path: string, token = plane.adminToken) =>
      fetch(`${plane.url}${path}`, { method: 'HEAD', headers: { authorization: `Bearer ${token}` } });
    const get = await fetch(`${plane.url}/v1/gateways`, { headers: { authorization: `Bearer ${plane.adminToken}` } });
    const answer = await head('/v1/gateways');
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, get.headers.get('content-length'), '']);
    expect((await head('/v1/gateways?limit=1%20UNION%20SELECT')).status).toBe(400);
    expect((await head('/v1/gateways', 'stoa_op_nobody')).status).toBe(401);
  });
});

describe('a request at fault', () => {
  it('is told every fault at once, each below /body, /query, /path or /headers', async () => {
    const key = await plane.mintGatewayKey();
    const { status, body } = await plane.request('POST', '/v1/internal/gateways/register', {
      token: key,
      body: { gateway_mode: 'edge-mcp', features: 'x', labels: { a: 1 } },
    });
    expect(status).toBe(400);
    expect(pointersOf(body).sort()).toEqual([
      '/body/environment',
      '/body/features',
      '/body/gateway_mode',
      '/body/instance_name',
      '/body/labels/a',
      '/body/version',
    ]);
    expect(JSON.stringify(body)).toContain('edge_mcp, sidecar, connect');
    expect(pointersOf((await plane.request('GET', '/v1/gateways?limit=0&liveness=up')).body).sort()).toEqual(['/query/limit', '/query/liveness']);
    expect(pointersOf((await plane.request('GET', '/v1/gateways/x')).body)).toEqual(['/path/gateway_id']);
    expect(await plane.request('GET', '/v1/gateways?colour=red')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query/colour', message: 'is not known here; remove it' }] },
    });
    const several = await plane.request<{ errors: { pointer: string }[] }>('GET', '/v1/gateways?colour=red&limit=0&shape=round');
    expect([several.status, several.body.errors.map(({ pointer }) => pointer).sort()]).toEqual([
      400,
      ['/query/colour', '/query/limit', '/query/shape'],
    ]);
    const config = await asGateway(plane, key).config('5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11', { etag: 'x'.repeat(300) });
    expect(pointersOf(config.body)).toEqual(['/headers/if-none-match']);
  });

  it('is told what is wrong with a policy of the kind it names, and which kinds there are when it names none', async () => {
    const policy = async (spec: unknown) =>
      (await plane.request('POST', '/v1/policies', { body: { name: 'Limit', policy: spec, attached_to: [] } })).body as Told;
    const slug = { pointer: '/body/name', message: expect.stringContaining('lower-case') as string };
    expect((await policy({ kind: 'rate_limit', config: { limit: '3', x: 1 } })).errors).toEqual([
      slug,
      { pointer: '/body/policy/config/window_s', message: 'is required' },
      { pointer: '/body/policy/config/x', message: 'is not known here; remove it' },
      { pointer: '/body/policy/config/limit', message: 'must be a whole number from 1 to 1000000000' },
    ]);
    const kinds = { pointer: '/body/policy/kind', message: expect.stringContaining('must be one of rate_limit, quota') as string };
    for (const spec of [{ kind: 'nope', config: {} }, {}, 'rate_limit', null]) expect((await policy(spec)).errors).toEqual([slug, kinds]);
  });

  it('is 400 when the body is no JSON, is missing, or holds what cannot be stored', async () => {
    expect(await problemOf(await post('/v1/gateway-keys', '{"na', json))).toMatchObject({
      status: 400,
      detail: 'The body is not JSON.',
      errors: [{ pointer: '/body' }],
    });
    expect((await post('/v1/gateway-keys', '', json)).status).toBe(400);
    expect(await problemOf(await post('/v1/gateway-keys', '{"name":"a\\u0000"}', json))).toMatchObject({
      status: 400,
      errors: [{ pointer: '/body/name' }],
    });
    const key = await plane.mintGatewayKey();
    const strange = { ...registration('strange'), labels: { a: '\uD800' } };
    expect(await plane.request('POST', '/v1/internal/gateways/register', { token: key, body: strange })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body/labels/a' }] },
    });
  });

  it('is 415 with the media type, and 413 without reading on', async () => {
    expect(await problemOf(await post('/v1/gateway-keys', 'x', { 'content-type': 'text/plain' }))).toEqual({
      type: 'about:blank',
      title: 'Unsupported Media Type',
      status: 415,
      detail: expect.stringContaining('application/json') as string,
      request_id: expect.any(String) as string,
    });
    expect(await problemOf(await post('/v1/gateway-keys', '{}', { 'content-type': 'application/json; charset=latin1' }))).toMatchObject({
      status: 415,
    });
    expect(await problemOf(await post('/v1/gateway-keys', JSON.stringify({ name: 'x'.repeat(5_000_000) }), json))).toMatchObject({
      status: 413,
      detail: 'The body is too large.',
    });
    // Whoever has not signed in yet has little to say.
    expect((await post('/v1/session', JSON.stringify({ code: 'x'.repeat(20_000) }), json)).status).toBe(413);
  });

  it('takes header names in any case, and the scheme of the credential too', async () => {
    const answer = await fetch(`${plane.url}/v1/gateways`, { headers: { AUTHORIZATION: `bearer ${plane.adminToken}` } });
    expect(answer.status).toBe(200);
  });

  it('is challenged with 401 before its body is read', async () => {
    const answer = await fetch(`${plane.url}/v1/gateway-keys`, { method: 'POST', body: '{', headers: json });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="stoa"']);
  });
});

describe("the server's own answers", () => {
  const breakAnswer = async (server: TestControlPlane) => {
    const { gateway_id: id } = (await asGateway(server, await server.mintGatewayKey()).register('broken')).body;
    await server.store.pool.query(`UPDATE gateway SET gateway_mode = 'edge-mcp' WHERE id = $1`, [id]);
    return server.request<Told>('GET', `/v1/gateways/${id}`);
  };

  it('are held against the contract outside production, and not in production', async () => {
    const outside = await breakAnswer(plane);
    expect([outside.status, outside.body.detail]).toEqual([500, 'The server failed. Its log has the request id.']);
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    const production = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
    expect((await breakAnswer(production)).status).toBe(200);
    await production.close();
  });
});

describe('GET /healthz, /readyz, /version', () => {
  it('answer anybody', async () => {
    expect(await plane.request('GET', '/healthz', { token: undefined })).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await plane.request('GET', '/readyz', { token: undefined })).toMatchObject({ status: 200, body: { status: 'ready' } });
    expect(await plane.request('GET', '/version', { token: undefined })).toMatchObject({
      status: 200,
      body: { product: 'STOA Control Plane', contract_revision: 1 },
    });
  });
});

describe('the ways of heartbeats and registrations beside the ordinary one', () => {
  it('are open also while the key is being looked up: a fleet that comes at that moment is not sent the long way', async () => {
    const key = await plane.mintGatewayKey();
    const id = (await asGateway(plane, key).register('beside')).body.gateway_id;
    const ordinary = vi.fn((_request, response: { writeHead(status: number): { end(): void } }) => void response.writeHead(418).end());
    const server = createServer(heartbeatLane(plane.context, registrationLane(plane.context, ordinary))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const call = async (path: string, body: unknown, token = key) => {
      const headers = { ...json, authorization: `Bearer ${token}` };
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/internal/gateways/${path}`;
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    const lookUps = vi.spyOn(plane.context.db.pool, 'query');
    try {
      plane.context.authenticator.forget();
      const calls = Array.from({ length: 10 }, (_, n) => [call(`${id}/heartbeat`, beat()), call('register', registration(`beside-${n}`))]);
      expect(new Set(await Promise.all(calls.flat()))).toEqual(new Set([200]));
      expect(ordinary).not.toHaveBeenCalled();
      expect(lookUps.mock.calls.filter(([query]) => JSON.stringify(query).includes('gateway_key WHERE')).length).toBeLessThanOrEqual(2);
      for (const token of [plane.adminToken, `stoa_gk_${'x'.repeat(43)}`, 'nothing']) expect(await call(`${id}/heartbeat`, beat(), token)).toBe(418);
    } finally {
      lookUps.mockRestore();
      await once(server.close(), 'close');
    }
  });
});
