import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';
import { asGateway, getGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let replica: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let key: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  replica = await plane.startAnother();
  key = await plane.mintGatewayKey();
  gateways = asGateway(plane, key);
});
afterAll(async () => {
  await replica.close();
  await plane.close();
});

const register = async (name: string, more = {}) => (await gateways.register(name, more)).body;
const document = (title: string) => ({
  openapi: '3.1.0',
  info: { title, version: '1.0.0' },
  servers: [{ url: 'http://127.0.0.1:9' }],
  paths: { '/things': { get: { operationId: 'listThings', responses: { 200: { description: 'Things.' } } } } },
});
const createApi = async (name: string) =>
  (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name, document: document(name) } })).body.api_id;
const deploy = async (api_id: string, targets: Record<string, unknown>) =>
  (await plane.request<{ deployment_id: string }>('POST', '/v1/deployments', { body: { api_id, targets } })).body.deployment_id;
const read = async (id: string) => {
  const { status, headers, body } = await gateways.config<GatewayConfig>(id);
  return { status, etag: headers.get('etag'), body };
};
/** Resolves when as many long polls wait on a server as there shall be. */
const waitingOn = (server: TestControlPlane, count: number) => expect.poll(() => server.context.desired.waiting, { timeout: 10_000 }).toBe(count);

describe('the config feed', () => {
  it('lesson 11: gives a gateway that was never given anything an empty, valid state of generation 0', async () => {
    const { gateway_id, signing_keys } = await register('empty');
    const { status, body } = await read(gateway_id);
    expect({ status, body }).toMatchObject({ status: 200, body: { gateway_id, generation: 0, items: [], hash: canonicalHash([]) } });
    const { signature, hash } = body;
    const publicKey = createPublicKey({
      key: Buffer.from(signing_keys?.find(({ key_id }) => key_id === signature.key_id)?.public_key ?? '', 'base64url'),
      format: 'der',
      type: 'spki',
    });
    const isSigned = (text: string) => verify(null, Buffer.from(text), publicKey, Buffer.from(signature.value, 'base64url'));
    expect(isSigned(`${gateway_id}\n0\n${hash}`)).toBe(true);
    expect(isSigned(`${gateway_id}\n1\n${hash}`)).toBe(false);
  });

  it('answers 304 to a known state, by any form of If-None-Match, and 200 to another', async () => {
    const { gateway_id } = await register('etag');
    const { etag } = await read(gateway_id);
    for (const [sent, status] of [
      [etag, 304],
      [`W/${etag}`, 304],
      [`"other", ${etag}`, 304],
      ['*', 304],
      ['"other"', 200],
      [null, 200],
    ] as const) {
      const answer = await gateways.config(gateway_id, { etag: sent });
      expect([sent, answer.status, answer.headers.get('etag')]).toEqual([sent, status, etag]);
    }
    expect((await gateways.config(gateway_id, { etag, query: '?wait_s=1' })).status).toBe(304);
  });

  it('lesson 16: a generation rises when the state changes and only then, and an API that is deployed nowhere any more is absent', async () => {
    const { gateway_id } = await register('rises');
    const api = await createApi('rises');
    expect((await read(gateway_id)).body.generation).toBe(0);
    const deployment = await deploy(api, { instance_names: ['rises'] });
    const deployed = (await read(gateway_id)).body;
    expect(deployed).toMatchObject({ generation: 1, items: [{ kind: 'api', api_id: api }] });
    expect(deployed.hash).toBe(canonicalHash(deployed.items));
    // A change of something else, and the same again.
    const second = await deploy(api, { instance_names: ['rises', 'nobody'] });
    await plane.request('POST', '/v1/consumers', { body: { name: 'unrelated' } });
    await plane.request('DELETE', `/v1/deployments/${second}`);
    const before = (await read(gateway_id)).body.generation;
    await read(gateway_id);
    expect((await read(gateway_id)).body.generation).toBe(before);
    await plane.request('DELETE', `/v1/deployments/${deployment}`);
    expect((await read(gateway_id)).body).toMatchObject({ generation: before + 1, items: [], hash: canonicalHash([]) });
  });

  it('wakes a long poll on the server where the change is made and on every replica, and tells the same generation', async () => {
    const { gateway_id } = await register('polls');
    const api = await createApi('polls');
    const { etag } = await read(gateway_id);
    const here = gateways.config<GatewayConfig>(gateway_id, { etag, query: '?wait_s=55' });
    const there = asGateway(replica, key).config<GatewayConfig>(gateway_id, { etag, query: '?wait_s=55' });
    await waitingOn(plane, 1);
    await waitingOn(replica, 1);
    await deploy(api, { instance_names: ['polls'] });
    const [one, other] = await Promise.all([here, there]);
    expect([one.status, one.body.generation]).toEqual([200, 1]);
    expect(other.body).toEqual(one.body);
    expect((await gateways.heartbeat(gateway_id)).body.config_generation).toBe(1);
  });

  it('goes on waiting when a change is of no concern to the gateway', async () => {
    const { gateway_id } = await register('unconcerned');
    const { etag } = await read(gateway_id);
    const poll = gateways.config(gateway_id, { etag, query: '?wait_s=5' });
    await waitingOn(plane, 1);
    await createApi('no-concern');
    expect((await poll).status).toBe(304);
  });

  it('makes one generation of a change, however many servers are asked at once', async () => {
    const { gateway_id } = await register('raced');
    const api = await createApi('raced');
    await deploy(api, { instance_names: ['raced'] });
    const answers = await Promise.all(
      [plane, replica, plane, replica, plane, replica].map((server) => asGateway(server, key).config<GatewayConfig>(gateway_id)),
    );
    expect(answers.map(({ body }) => body.generation)).toEqual(Array(6).fill(1));
    expect(new Set(answers.map(({ body }) => body.signature.value)).size).toBe(1);
  });

  it('gives what was just changed, even before the word of the change has come round', async () => {
    const { gateway_id } = await register('impatient');
    for (let round = 0; round < 10; round += 1) {
      const api = await createApi(`impatient-${round}`);
      await deploy(api, { instance_names: ['impatient'] });
      const { body } = await asGateway(replica, key).config<GatewayConfig>(gateway_id);
      expect(body.items.filter((item) => item.kind === 'api')).toHaveLength(round + 1);
    }
  });

  it('never goes back to an older catalog when a replica has not heard of the newer one', async () => {
    const { gateway_id } = await register('stale');
    const { id, tenant_id } = await plane.store.prisma.gateway.findUniqueOrThrow({ where: { id: gateway_id } });
    const recipient = {
      id,
      tenant_id,
      environment: 'production',
      instance_name: 'stale',
      gateway_mode: 'edge_mcp',
      labels: {},
      features: [],
      catalogRevision: 0n,
    };
    const before = (await plane.context.desired.current(recipient))?.tenant.catalog.revision ?? 0n;
    // Written from a revision that this server has not seen: it must read again, not overwrite.
    await plane.store.pool.query(`UPDATE tenant SET revision = revision + 5`);
    await plane.store.pool.query(
      `WITH ahead AS (UPDATE config_progress SET revision = (SELECT revision FROM tenant))
       UPDATE config_state s SET hash = 'sha256:newer', generation = 9 FROM gateway_config c WHERE c.gateway_id = $1 AND s.id = c.state_id`,
      [id],
    );
    const answer = await plane.context.desired.current(recipient);
    expect(answer).toMatchObject({ generation: 10, content: { items: [] } });
    expect(answer?.tenant.catalog.revision).toBe(before + 5n);
  });

  it('follows labels and mode of a new registration without any change of the catalog', async () => {
    const { gateway_id } = await register('labelled');
    const api = await createApi('labelled');
    await deploy(api, { instance_names: ['labelled'], labels: { tier: 'gold' } });
    expect((await read(gateway_id)).body.items).toEqual([]);
    await register('labelled', { labels: { tier: 'gold' } });
    expect((await read(gateway_id)).body.items).toContainEqual(expect.objectContaining({ api_id: api }));
  });

  it('gives no key that has expired, and tells gateways when one expires', async () => {
    const { gateway_id } = await register('keys');
    const api = await createApi('keys');
    await deploy(api, { instance_names: ['keys'] });
    const {
      body: { consumer_id },
    } = await plane.request<{ consumer_id: string }>('POST', '/v1/consumers', { body: { name: 'short-lived' } });
    await plane.request('POST', `/v1/consumers/${consumer_id}/keys`, { body: { expires_at: new Date(Date.now() + 3_600_000).toISOString() } });
    const keys = async () =>
      (await read(gateway_id)).body.items.flatMap((item) => (item.kind === 'consumer' && item.consumer_id === consumer_id ? item.keys : []));
    expect(await keys()).toHaveLength(1);
    const { etag } = await read(gateway_id);
    const poll = gateways.config<GatewayConfig>(gateway_id, { etag, query: '?wait_s=55' });
    await waitingOn(plane, 1);
    await plane.store.pool.query(
      `UPDATE consumer_key SET expires_at = (SELECT updated_at FROM control_plane_state WHERE key = 'alive') + interval '1 millisecond' WHERE consumer_id = $1`,
      [consumer_id],
    );
    expect((await poll).status).toBe(200);
    expect(await keys()).toEqual([]);
  });

  it('ends open long polls at once when the server stops', async () => {
    const stopping = await plane.startAnother();
    const { gateway_id } = await register('stops');
    const { etag } = await read(gateway_id);
    const poll = asGateway(stopping, key).config(gateway_id, { etag, query: '?wait_s=55' });
    await waitingOn(stopping, 1);
    const cut = once(stopping.context.callers.stopping, 'abort');
    const closed = stopping.close();
    await cut;
    expect((await poll).status).toBe(304);
    await closed;
  });

  it('answers 404 to an unknown gateway, never an empty state; 410 to a decommissioned one, 400 to nonsense, 401 and 403 to others', async () => {
    const status = async (id: string, options = {}, token = key) => (await asGateway(plane, token).config(id, options)).status;
    const { gateway_id } = await register('statuses');
    expect(await status('5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11')).toBe(404);
    expect(await status('nonsense')).toBe(400);
    expect(await status(gateway_id, { query: '?wait_s=56' })).toBe(400);
    expect(await status(gateway_id, {}, `stoa_gk_${'x'.repeat(43)}`)).toBe(401);
    expect(await status(gateway_id, {}, plane.adminToken)).toBe(403);
    expect(await status(gateway_id, {}, await plane.mintGatewayKey({ environments: ['staging'] }))).toBe(403);
    await plane.request('DELETE', `/v1/gateways/${gateway_id}`);
    expect(await status(gateway_id)).toBe(410);
  });
});

describe('acknowledgements', () => {
  const deployed = async (name: string) => {
    const { gateway_id, lease_epoch } = await register(name, { boot_id: crypto.randomUUID() });
    const api = await createApi(name);
    await deploy(api, { instance_names: [name] });
    const { body } = await read(gateway_id);
    return { gateway_id, lease_epoch, api, generation: body.generation, hash: body.hash, items: [{ id: `api:${api}`, state: 'applied' }] };
  };
  const syncOf = async (id: string) => (await getGateway(plane, id)).config;

  it('lesson 12: an applied generation is in sync, a rejected one never, and neither is one that is not the newest', async () => {
    const { gateway_id, generation, hash, items, api } = await deployed('acks');
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'pending', desired_generation: 1, acked_generation: 0 });
    const reason = { state: 'rejected', phase: 'render', reason: 'no' };
    expect((await gateways.ack(gateway_id, { generation, hash, state: 'rejected', items: [{ ...items[0], ...reason }] })).status).toBe(204);
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'rejected', acked_generation: 1, items: [reason] });
    expect((await gateways.ack(gateway_id, { generation, hash, state: 'applied_with_warnings', items })).status).toBe(204);
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'in_sync_with_warnings' });
    await gateways.ack(gateway_id, { generation, hash, items });
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'in_sync', items });
    await plane.request('PUT', `/v1/apis/${api}`, { body: { name: 'acks', document: document('Another title') } });
    await read(gateway_id);
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'pending', desired_generation: 2, acked_generation: 1 });
  });

  it('ignores one that was overtaken', async () => {
    const { gateway_id, generation, hash, api } = await deployed('overtaken');
    await plane.request('PUT', `/v1/apis/${api}`, { body: { name: 'overtaken', document: document('Newer') } });
    const newer = (await read(gateway_id)).body;
    expect((await gateways.ack(gateway_id, { generation: newer.generation, hash: newer.hash })).status).toBe(204);
    expect((await gateways.ack(gateway_id, { generation, hash, state: 'rejected' })).status).toBe(204);
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'in_sync', acked_generation: newer.generation });
  });

  it('takes one of an older generation that comes before any newer: the gateway then runs that', async () => {
    const { gateway_id, generation, hash, api } = await deployed('older');
    await plane.request('PUT', `/v1/apis/${api}`, { body: { name: 'older', document: document('Newer still') } });
    await read(gateway_id);
    expect((await gateways.ack(gateway_id, { generation, hash })).status).toBe(204);
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'pending', acked_generation: generation });
  });

  it('answers 422 to a generation that was never issued and to another hash than the issued one', async () => {
    const { gateway_id, generation, hash } = await deployed('unissued');
    expect(await gateways.ack(gateway_id, { generation: generation + 1, hash })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/generation' }] },
    });
    expect(await gateways.ack(gateway_id, { generation, hash: 'sha256:other' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/hash' }] },
    });
    expect(await gateways.ack((await register('never-read')).gateway_id, { generation: 0, hash: '' })).toMatchObject({ status: 422 });
    expect(await syncOf(gateway_id)).toMatchObject({ state: 'pending' });
  });

  it('answers 400, 401, 403, 404, 409, 410, 413 and 415 to ack and observed alike', async () => {
    const { gateway_id, lease_epoch, generation, hash } = await deployed('refused');
    const other = asGateway(plane, await plane.mintGatewayKey({ modes: ['connect'] }));
    for (const send of [
      (on: typeof gateways, id: string, more = {}) => on.ack(id, { generation, hash, ...more }),
      (on: typeof gateways, id: string, more = {}) => on.observe(id, more),
    ]) {
      expect((await send(gateways, gateway_id, { items: 'x', apis: 'x' })).status).toBe(400);
      expect((await send(asGateway(plane, 'stoa_gk_unknown'), gateway_id)).status).toBe(401);
      expect((await send(other, gateway_id)).status).toBe(403);
      expect((await send(gateways, '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11')).status).toBe(404);
      expect(await send(gateways, gateway_id, { lease_epoch: (lease_epoch ?? 0) + 1 })).toMatchObject({ status: 409, body: { code: 'stale_epoch' } });
      expect((await send(gateways, gateway_id, { lease_epoch })).status).toBe(204);
      expect((await send(gateways, gateway_id, { padding: 'x'.repeat(5_000_000) })).status).toBe(413);
    }
    for (const [method, path] of [
      ['POST', 'config/ack'],
      ['PUT', 'observed'],
    ]) {
      const answer = await fetch(`${plane.url}/v1/internal/gateways/${gateway_id}/${path}`, {
        method: method ?? '',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain' },
        body: 'x',
      });
      expect(answer.status).toBe(415);
    }
    await plane.request('DELETE', `/v1/gateways/${gateway_id}`);
    expect((await gateways.ack(gateway_id, { generation, hash })).status).toBe(410);
    expect((await gateways.observe(gateway_id, {})).status).toBe(410);
  });

  it('shows what a gateway observed, newest only, without its epoch', async () => {
    const { gateway_id } = await register('observer', { gateway_mode: 'connect' });
    await gateways.observe(gateway_id, { apis: [{ name: 'old', managed: false }] });
    const drift = [{ object: 'route x', kind: 'changed' }];
    await gateways.observe(gateway_id, { lease_epoch: 1, drift });
    expect((await getGateway(plane, gateway_id)).observed).toEqual({ apis: [], drift });
  });
});
