import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConsumerItem, Deployment, GatewayConfig } from '@stoa/generated/schemas.ts';
import { validateConfigManifest, validateDesiredItem, validateGatewayConfig } from '@stoa/generated/validators.js';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';
import { loadCatalog } from '../../deployments/load-catalog.ts';
import { hashOfNothing } from '../../deployments/rendered-item.ts';
import { TenantStates } from '../../deployments/tenant-states.ts';
import { readDifference } from '../../testing/config-difference.ts';
import { asGateway, getGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let replica: TestControlPlane;
let key: string;
let gateways: ReturnType<typeof asGateway>;

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

const post = async <T>(path: string, body: unknown) => (await plane.request<T>('POST', path, { body })).body;
const register = async (name: string, more = {}) => (await gateways.register(name, more)).body;
const document = (title: string, description = '') => ({
  openapi: '3.1.0',
  info: { title, version: '1.0.0', description },
  servers: [{ url: 'http://127.0.0.1:9' }],
  paths: { '/things': { get: { operationId: 'listThings', responses: { 200: { description: 'Things.' } } } } },
});
const createApi = async (name: string, description = '') =>
  (await post<{ api_id: string }>('/v1/apis', { name, document: document(name, description) })).api_id;
const deploy = async (api_id: string, targets: Record<string, unknown>) =>
  (await post<Deployment>('/v1/deployments', { api_id, targets })).deployment_id;
const createConsumer = async (name: string) => (await post<{ consumer_id: string }>('/v1/consumers', { name })).consumer_id;
const mint = async (consumerId: string) => (await post<{ key: { key_id: string } }>(`/v1/consumers/${consumerId}/keys`, {})).key.key_id;
const read = (gatewayId: string, options: Parameters<typeof readDifference>[3] = {}, on = plane) => readDifference(on, key, gatewayId, options);
const sha256 = (text: string | Buffer) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const waiting = (server: TestControlPlane, count: number) => expect.poll(() => server.context.desired.waiting, { timeout: 20_000 }).toBe(count);

describe('configuration by difference', () => {
  it('is announced at registration', async () => {
    expect(await register('announced')).toMatchObject({ features: expect.arrayContaining(['config_base']) });
  });

  it('is a signed list of hashes, and the items behind it a line each', async () => {
    const { gateway_id, signing_keys } = await register('listed');
    const api = await createApi('listed');
    const consumer = await createConsumer('lister');
    const keyId = await mint(consumer);
    await deploy(api, { instance_names: ['listed'] });
    const { status, headers, manifest, lines, items } = await read(gateway_id);
    expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([200, 'application/jsonl', 'Accept-Encoding']);
    expect([validateConfigManifest(manifest), items.filter((item) => !validateDesiredItem(item))]).toEqual([true, []]);
    expect(manifest).toMatchObject({ gateway_id, generation: 1, base: hashOfNothing, removed: [] });
    expect(manifest.changed.map(({ hash, size }) => ({ hash, size }))).toEqual(lines.map((line) => ({ hash: sha256(line), size: line.length })));
    expect(manifest.changed.map(({ id, kind }) => ({ id, kind }))).toEqual(items.map(({ id, kind }) => ({ id, kind })));
    expect(manifest.hash).toBe(sha256(manifest.changed.map(({ hash }) => `${hash.slice(7)}\n`).join('')));
    expect(items.find(({ kind }) => kind === 'consumer_key')).toMatchObject({ key_id: keyId, consumer_id: consumer });
    expect(items.find(({ kind }) => kind === 'consumer')).toMatchObject({ keys: [] });
    const { signature, generation, hash } = manifest;
    const publicKey = Buffer.from(signing_keys?.find(({ key_id }) => key_id === signature.key_id)?.public_key ?? '', 'base64url');
    const text = Buffer.from(`${gateway_id}\n${generation}\n${hash}`);
    expect(verify(null, text, createPublicKey({ key: publicKey, format: 'der', type: 'spki' }), Buffer.from(signature.value, 'base64url'))).toBe(
      true,
    );
  });

  it('moves a few hundred bytes when a key is minted, and when it is revoked, however much is served', async () => {
    const { gateway_id } = await register('large');
    await deploy(await createApi('large', 'x'.repeat(100_000)), { instance_names: ['large'] });
    const consumer = await createConsumer('of-large');
    const before = await read(gateway_id);
    expect(before.bytes).toBeGreaterThan(100_000);
    const minted = read(gateway_id, { base: before.manifest.hash, etag: before.etag, waitS: 55 });
    await waiting(plane, 1);
    const keyId = await mint(consumer);
    const { manifest, bytes, etag, items } = await minted;
    expect(items).toMatchObject([{ kind: 'consumer_key', key_id: keyId }]);
    expect(manifest).toMatchObject({ base: before.manifest.hash, removed: [], generation: before.manifest.generation + 1 });
    const revoked = read(gateway_id, { base: manifest.hash, etag, waitS: 55 });
    await waiting(plane, 1);
    await plane.request('DELETE', `/v1/consumers/${consumer}/keys/${keyId}`);
    const after = await revoked;
    expect(after.manifest).toMatchObject({ hash: before.manifest.hash, removed: [`consumer_key:${keyId}`], changed: [] });
    expect(Math.max(bytes, after.bytes)).toBeLessThan(1_000);
  });

  it('is the whole state where the base is not known, and nothing but the manifest where it is the newest', async () => {
    const { gateway_id } = await register('bases');
    await deploy(await createApi('bases'), { instance_names: ['bases'] });
    const first = await read(gateway_id);
    const unknown = await read(gateway_id, { base: sha256('never') });
    expect([unknown.manifest.base, unknown.manifest.changed]).toEqual([undefined, first.manifest.changed]);
    expect((await read(gateway_id, { base: first.manifest.hash })).manifest).toMatchObject({ base: first.manifest.hash, removed: [], changed: [] });
    expect((await read(gateway_id, { etag: first.etag })).status).toBe(304);
    const refused = await plane.request('GET', `/v1/internal/gateways/${gateway_id}/config?base=sha256:nonsense`, { token: key });
    expect(refused.status).toBe(400);
  });

  it('is compressed in members of which one is shared, for those who say that they read it', async () => {
    const { gateway_id } = await register('zipped');
    await deploy(await createApi('zipped', 'y'.repeat(50_000)), { instance_names: ['zipped'] });
    const plain = await read(gateway_id);
    for (const [encoding, sent] of [
      ['gzip, br', 'gzip'],
      ['br;q=1, gzip;q=0.5', 'gzip'],
      ['gzip;q=0', null],
      ['br', null],
    ] as const) {
      const answer = await read(gateway_id, { encoding });
      expect([answer.headers.get('content-encoding'), answer.manifest, answer.lines]).toEqual([sent, plain.manifest, plain.lines]);
      if (sent) expect(Number(answer.headers.get('content-length'))).toBeLessThan(5_000);
    }
  });

  it('gives a single item by its hash, while it is part of the present state', async () => {
    const { gateway_id } = await register('single');
    const deployment = await deploy(await createApi('single'), { instance_names: ['single'] });
    const { manifest, lines } = await read(gateway_id);
    const itemAt = (id: string, hash: string) =>
      fetch(`${plane.url}/v1/internal/gateways/${id}/config/items/${hash}`, { headers: { authorization: `Bearer ${key}` } });
    for (const [position, { hash }] of manifest.changed.entries()) {
      const answer = await itemAt(gateway_id, hash);
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'application/json', lines[position]]);
    }
    const api = manifest.changed.find(({ kind }) => kind === 'api')?.hash ?? '';
    const { gateway_id: other } = await register('single-other');
    expect((await itemAt(other, api)).status).toBe(404);
    await plane.request('DELETE', `/v1/deployments/${deployment}`);
    expect((await itemAt(gateway_id, api)).status).toBe(404);
    expect((await itemAt(gateway_id, 'sha256:short')).status).toBe(400);
  });

  it('is of the same generation as the whole configuration, which a runtime that asks in the old way gets, with the keys in their consumers', async () => {
    const { gateway_id } = await register('old-way');
    await deploy(await createApi('old-way'), { instance_names: ['old-way'] });
    const consumer = await createConsumer('old-hand');
    const keys = [await mint(consumer), await mint(consumer)];
    const { manifest, items } = await read(gateway_id);
    const { body, headers } = await gateways.config<GatewayConfig>(gateway_id);
    expect([headers.get('content-type'), validateGatewayConfig(body)]).toEqual(['application/json', true]);
    expect(body).toMatchObject({ gateway_id, generation: manifest.generation, hash: canonicalHash(body.items) });
    const own = body.items.find((item): item is ConsumerItem => item.kind === 'consumer' && item.consumer_id === consumer);
    expect(own?.keys.map(({ key_id }) => key_id)).toEqual(keys);
    const withoutKeys = body.items.map((item) => (item.kind === 'consumer' ? { ...item, keys: [] } : item));
    expect(withoutKeys).toEqual(items.filter(({ kind }) => kind !== 'consumer_key'));
    // Either hash may be acknowledged.
    for (const { hash } of [body, manifest]) {
      expect((await gateways.ack(gateway_id, { generation: manifest.generation, hash })).status).toBe(204);
      expect((await getGateway(plane, gateway_id)).config.state).toBe('in_sync');
    }
  });

  it('is acknowledged by what was not applied alone', async () => {
    const { gateway_id } = await register('short-acks');
    const api = await createApi('short-acks');
    const deployment = await deploy(api, { instance_names: ['short-acks'] });
    const { manifest } = await read(gateway_id);
    const stateAfter = async (ack: Record<string, unknown>) => {
      expect((await gateways.ack(gateway_id, { generation: manifest.generation, hash: manifest.hash, ...ack })).status).toBe(204);
      return (await plane.request<Deployment>('GET', `/v1/deployments/${deployment}`)).body.state;
    };
    const reason = { id: `api:${api}`, state: 'rejected', phase: 'render', reason: 'no' };
    expect(await stateAfter({ items: [] })).toBe('pending');
    expect(await stateAfter({ items: [], unlisted_applied: true })).toBe('applied');
    expect(await stateAfter({ state: 'applied_with_warnings', items: [reason], unlisted_applied: true })).toBe('rejected');
    expect(await stateAfter({ state: 'rejected', items: [] })).toBe('rejected');
  });

  it('never lets a generation fall or stand still when a gateway comes to serve something else', async () => {
    const { gateway_id } = await register('moving');
    const api = await createApi('moving');
    const generations = [(await read(gateway_id)).manifest.generation];
    const hashes = [(await read(gateway_id)).manifest.hash];
    const note = async () => {
      const { manifest } = await read(gateway_id);
      generations.push(manifest.generation);
      hashes.push(manifest.hash);
    };
    // To a state of its own, to one that it shares, to one of its labels, back to the one of all.
    const own = await deploy(api, { instance_names: ['moving'] });
    await note();
    await deploy(await createApi('moving-too'), { instance_names: ['moving', 'another'] });
    await note();
    await deploy(await createApi('moving-gold'), { labels: { mover: 'yes' } });
    await register('moving', { labels: { mover: 'yes' } });
    await note();
    await plane.request('DELETE', `/v1/deployments/${own}`);
    await note();
    await register('moving');
    await note();
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(generations).toEqual(generations.toSorted((a, b) => a - b));
    expect(new Set(generations).size).toBe(generations.length);
    // Where another class is given the same, the generation stays.
    const [at] = generations.slice(-1);
    const second = await deploy(api, { instance_names: ['moving-nobody'] });
    await plane.request('PATCH', `/v1/deployments/${second}`, { body: { targets: { instance_names: ['moving-nobody', 'moving'] } } });
    await plane.request('PATCH', `/v1/deployments/${second}`, { body: { targets: { instance_names: ['moving-nobody'] } } });
    expect((await read(gateway_id)).manifest.generation).toBeGreaterThanOrEqual(at ?? 0);
  });

  it('is the same from every server, and what a server would give that read everything anew', async () => {
    const names = ['agreed-a', 'agreed-b'];
    const ids = await Promise.all(names.map(async (name) => (await register(name, { labels: { agreed: name } })).gateway_id));
    const connect = (await register('agreed-c', { gateway_mode: 'connect' })).gateway_id;
    const apis = [await createApi('agreed-one'), await createApi('agreed-two')];
    const consumer = await createConsumer('agreed');
    const offered = { plan: '' };
    const changes: (() => Promise<unknown>)[] = [
      () => deploy(apis[0] ?? '', { instance_names: [...names, 'agreed-c'] }),
      () => mint(consumer),
      () => post('/v1/policies', { name: 'agreed-keys', kind: 'api_key_auth', config: {}, attached_to: { api_ids: apis, environments: [] } }),
      () => post('/v1/subscriptions', { api_id: apis[0], consumer_id: consumer }),
      () => deploy(apis[1] ?? '', { labels: { agreed: 'agreed-b' } }),
      async () => (offered.plan = (await post<{ plan_id: string }>('/v1/plans', { name: 'agreed', api_ids: [apis[0]] })).plan_id),
      () => post('/v1/subscriptions', { plan_id: offered.plan, consumer_id: consumer }),
      () => plane.request('PATCH', `/v1/plans/${offered.plan}`, { body: { api_ids: apis } }),
      () => plane.request('PATCH', `/v1/apis/${apis[1]}`, { body: { open_to_all_consumers: true } }),
      () => plane.request('PUT', `/v1/apis/${apis[0]}`, { body: { name: 'agreed-one', document: document('Another') } }),
      () => deploy(apis[1] ?? '', { environments: ['production'] }),
      () => plane.request('DELETE', `/v1/apis/${apis[0]}`),
      () => plane.request('DELETE', `/v1/consumers/${consumer}`),
    ];
    const { db, keys } = plane.context;
    for (const change of changes) {
      await change();
      for (const id of [...ids, connect]) {
        const [here, there] = await Promise.all([read(id), read(id, {}, replica)]);
        expect(there.manifest).toEqual(here.manifest);
        const gateway = await plane.store.prisma.gateway.findUniqueOrThrow({ where: { id } });
        const anew = new TenantStates((await loadCatalog(db.pool, keys, gateway.tenant_id))?.catalog ?? expect.fail());
        expect(anew.stateFor({ ...gateway, labels: gateway.labels as Record<string, string> }).content.hash).toBe(here.manifest.hash);
      }
    }
  });

  it('asks the database a few questions when many wait for the same change, and none for those whom it does not concern', async () => {
    const many = await Promise.all(Array.from({ length: 60 }, async (_, n) => (await register(`many-${n}`, { environment: 'crowd' })).gateway_id));
    const { gateway_id: unconcerned } = await register('not-many', { environment: 'desert' });
    await deploy(await createApi('many'), { environments: ['crowd'] });
    const first = await Promise.all(many.map((id) => read(id)));
    const calm = read(unconcerned, { etag: (await read(unconcerned)).etag, waitS: 55 });
    const polls = many.map((id, n) => read(id, { base: first[n]?.manifest.hash ?? '', etag: first[n]?.etag ?? null, waitS: 55 }));
    await waiting(plane, many.length + 1);
    const asked = vi.spyOn(plane.context.db.pool, 'query');
    const connected = vi.spyOn(plane.context.db.pool, 'connect');
    await createConsumer('of-many');
    const answers = await Promise.all(polls);
    // The change, the two steps of following it, and the rows of those who waited. The sweeper and the replica's questions are not among them.
    expect(asked.mock.calls.length + connected.mock.calls.length).toBeLessThan(20);
    vi.restoreAllMocks();
    expect(new Set(answers.map(({ manifest }) => `${manifest.hash} ${manifest.generation}`)).size).toBe(1);
    expect(answers.every(({ status, manifest }) => status === 200 && manifest.changed.length === 1)).toBe(true);
    expect(plane.context.desired.waiting).toBe(1);
    await deploy(await createApi('desert'), { environments: ['desert'] });
    expect((await calm).manifest.changed.length).toBeGreaterThan(0);
  });
});
