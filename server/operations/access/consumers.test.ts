import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consumer, ConsumerKeyList, ConsumerList, MintedConsumerKey, RotatedConsumerKey } from '@stoa/generated/schemas.ts';
import { loadCatalog } from '../../deployments/load-catalog.ts';
import { expectGuarded, foreignTenant, revisionOf } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

const nowhere = '00000000-0000-4000-8000-000000000000';
let plane: TestControlPlane;
let names = 0;
const nextName = () => `consumer-${(names += 1)}`;
const create = (body: object = {}) => plane.request<Consumer & { code?: string }>('POST', '/v1/consumers', { body: { name: nextName(), ...body } });
const mint = (id: string, body: object = {}) => plane.request<MintedConsumerKey & { code?: string }>('POST', `/v1/consumers/${id}/keys`, { body });

beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

describe('consumers', () => {
  it('are defined, shown, found by name, paged and deleted, with their keys', async () => {
    const before = await revisionOf(plane);
    const { status, body } = await create({ labels: { team: 'support' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ labels: { team: 'support' } });
    expect(await revisionOf(plane)).toBe(before + 1n);
    await create();
    expect((await plane.request('GET', `/v1/consumers/${body.consumer_id}`)).body).toEqual(body);
    expect((await plane.request<ConsumerList>('GET', `/v1/consumers?name=${body.name}`)).body).toEqual({ items: [body], next_cursor: null });
    const page = await plane.request<ConsumerList>('GET', '/v1/consumers?limit=1');
    const rest = await plane.request<ConsumerList>('GET', `/v1/consumers?cursor=${page.body.next_cursor}`);
    expect([...page.body.items, ...rest.body.items]).toHaveLength(2);
    await mint(body.consumer_id);
    expect((await plane.request('DELETE', `/v1/consumers/${body.consumer_id}`)).status).toBe(204);
    expect(await revisionOf(plane)).toBe(before + 4n);
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/consumers/${body.consumer_id}`)).status).toBe(404);
    expect((await plane.request('GET', `/v1/consumers/${body.consumer_id}/keys`)).status).toBe(404);
  });

  it('are renamed and labelled anew, their keys and id staying', async () => {
    const { body } = await create({ labels: { team: 'support' } });
    const [key, other] = [(await mint(body.consumer_id)).body.key, (await create()).body];
    const edit = (patch: object) => plane.request<Consumer & { code?: string }>('PATCH', `/v1/consumers/${body.consumer_id}`, { body: patch });
    const name = nextName();
    expect(await edit({ name })).toMatchObject({ status: 200, body: { ...body, name } });
    expect((await edit({ labels: { tier: 'gold' } })).body).toEqual({ ...body, name, labels: { tier: 'gold' } });
    expect((await edit({})).body.name).toBe(name);
    expect(await edit({ name: other.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    expect((await edit({ name: 'No Slug' })).status).toBe(400);
    const keys = await plane.request<ConsumerKeyList>('GET', `/v1/consumers/${body.consumer_id}/keys`);
    expect(keys.body.items).toEqual([key]);
    const { db, keys: material } = plane.context;
    const { tenant_id } = await plane.store.prisma.consumer.findUniqueOrThrow({ where: { id: body.consumer_id } });
    expect((await loadCatalog(db.pool, material, tenant_id))?.catalog.consumers.get(body.consumer_id)).toMatchObject({ name });
  });

  it('are proven by certificates of names that no other one has, and gateways are told', async () => {
    const certificates = ['URI:spiffe://bank.example/ns/agents/*', 'DNS:agent.bank.example'];
    const { body } = await create({ certificates });
    expect(body).toMatchObject({ certificates });
    const taken = await create({ certificates: ['DNS:agent.bank.example'] });
    expect(taken).toMatchObject({ status: 409, body: { code: 'certificate_taken' } });
    const edit = (patch: object) => plane.request<Consumer>('PATCH', `/v1/consumers/${body.consumer_id}`, { body: patch });
    const itemIn = async () => {
      const { tenant_id } = await plane.store.prisma.consumer.findUniqueOrThrow({ where: { id: body.consumer_id } });
      const loaded = await loadCatalog(plane.context.db.pool, plane.context.keys, tenant_id);
      return loaded?.catalog.consumers.get(body.consumer_id)?.certificates;
    };
    expect(await itemIn()).toEqual(certificates);
    expect((await edit({ labels: {} })).body.certificates).toEqual(certificates);
    expect((await edit({ certificates: [] })).body).not.toHaveProperty('certificates');
    expect(await itemIn()).toEqual([]);
    for (const wrong of ['spiffe://bank.example/a', 'DNS:', 'URI:no-scheme', 'IP:127.0.0.1', 'DNS:a b'])
      expect((await edit({ certificates: [wrong] })).status).toBe(400);
  });

  it('are refused with 400 and 409', async () => {
    const { body } = await create();
    expect(await create({ name: body.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    for (const faulty of [{ name: 'No Slug' }, { unknown: 1 }, { labels: { a: 1 } }, { labels: { a: 'x\0' } }])
      expect((await create(faulty)).status).toBe(400);
    for (const path of ['/v1/consumers?limit=x', '/v1/consumers?cursor=x', '/v1/consumers/none'])
      expect((await plane.request('GET', path)).status).toBe(400);
  });
});

describe('consumer keys', () => {
  it('are 256 bits, shown once, stored as a hash and sealed', async () => {
    const { body: consumer } = await create();
    const before = await revisionOf(plane);
    const { status, body } = await mint(consumer.consumer_id);
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^stoa_ck_[A-Za-z0-9_-]{43}$/);
    expect(body.secret.startsWith(body.key.hint)).toBe(true);
    expect(await revisionOf(plane)).toBe(before + 1n);
    const row = await plane.store.prisma.consumer_key.findUniqueOrThrow({ where: { id: body.key.key_id }, include: { consumer: true } });
    expect(Buffer.from(row.sha256)).toEqual(createHash('sha256').update(body.secret).digest());
    expect(await plane.context.keys.open(row.sealed, `consumer_key:${row.id}`, row.consumer.tenant_id)).toBe(body.secret);
    expect(Buffer.from(row.sealed).includes(body.secret)).toBe(false);
    const listed = await plane.request<ConsumerKeyList>('GET', `/v1/consumers/${consumer.consumer_id}/keys`);
    expect(listed.body).toEqual({ items: [body.key], next_cursor: null });
    expect(JSON.stringify(listed.body)).not.toContain(body.secret);
  });

  it('may expire, but not in the past', async () => {
    const { body: consumer } = await create();
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    expect((await mint(consumer.consumer_id, { expires_at })).body.key.expires_at).toBe(expires_at);
    expect((await mint(consumer.consumer_id, { expires_at: '2020-01-01T00:00:00Z' })).status).toBe(400);
    expect((await mint(consumer.consumer_id, { expires_at: 'tomorrow' })).status).toBe(400);
  });

  it('are revoked once and for all', async () => {
    const { body: consumer } = await create();
    const { body } = await mint(consumer.consumer_id);
    const path = `/v1/consumers/${consumer.consumer_id}/keys/${body.key.key_id}`;
    const before = await revisionOf(plane);
    expect((await plane.request('DELETE', path)).status).toBe(204);
    expect(await revisionOf(plane)).toBe(before + 1n);
    const revokedAt = async () =>
      (await plane.request<ConsumerKeyList>('GET', `/v1/consumers/${consumer.consumer_id}/keys`)).body.items[0]?.revoked_at;
    const first = await revokedAt();
    expect(first).toBeTypeOf('string');
    expect((await plane.request('DELETE', path)).status).toBe(204);
    expect(await revokedAt()).toBe(first);
  });

  it('are rotated: gateways are given the new one and the end of the other together', async () => {
    const { body: consumer } = await create();
    const { body: minted } = await mint(consumer.consumer_id);
    const path = (id: string) => `/v1/consumers/${consumer.consumer_id}/keys/${id}/rotate`;
    const before = await revisionOf(plane);
    const { status, body } = await plane.request<RotatedConsumerKey>('POST', path(minted.key.key_id), { body: { overlap_s: 600 } });
    expect(await revisionOf(plane)).toBe(before + 1n);
    expect([status, body.key.state, body.key.expires_at, body.replaced.state]).toEqual([201, 'valid', undefined, 'valid']);
    expect(Date.parse(body.replaced.expires_at ?? '') - Date.now()).toBeLessThanOrEqual(600_000);
    const { tenant_id } = await plane.store.prisma.consumer.findUniqueOrThrow({ where: { id: consumer.consumer_id } });
    const loaded = await loadCatalog(plane.context.db.pool, plane.context.keys, tenant_id);
    const given = loaded?.catalog.keysOf(consumer.consumer_id).map(({ id, expires_at }) => [id, expires_at]);
    expect(given).toEqual([
      [minted.key.key_id, body.replaced.expires_at],
      [body.key.key_id, undefined],
    ]);
    await plane.request('DELETE', `/v1/consumers/${consumer.consumer_id}/keys/${minted.key.key_id}`);
    const refused = await plane.request<{ detail: string }>('POST', path(minted.key.key_id), { body: {} });
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('mint a new one')]);
    expect((await plane.request('POST', path(nowhere), { body: {} })).status).toBe(404);
  });

  it('leave the configuration of gateways when they are revoked or have expired', async () => {
    const { body: consumer } = await create();
    const [valid, revoked, expired] = [await mint(consumer.consumer_id), await mint(consumer.consumer_id), await mint(consumer.consumer_id)];
    const { db, keys } = plane.context;
    const { tenant_id } = await plane.store.prisma.consumer.findUniqueOrThrow({ where: { id: consumer.consumer_id } });
    const fed = async () =>
      (await loadCatalog(db.pool, keys, tenant_id))?.catalog
        .keysOf(consumer.consumer_id)
        .map(({ id }) => id)
        .toSorted();
    const idOf = ({ body }: typeof valid) => body.key.key_id;
    expect(await fed()).toEqual([valid, revoked, expired].map(idOf).toSorted());
    await plane.request('DELETE', `/v1/consumers/${consumer.consumer_id}/keys/${idOf(revoked)}`);
    expect(await fed()).toEqual([valid, expired].map(idOf).toSorted());
    await plane.store.pool.query(`UPDATE consumer_key SET expires_at = now() - interval '1 s' WHERE id = $1`, [idOf(expired)]);
    // The sweeper takes it out.
    await expect.poll(fed, { timeout: 20_000 }).toEqual([idOf(valid)]);
  });

  it('are at most 64 valid ones, revoked ones aside', async () => {
    const { body: consumer } = await create();
    const { tenant_id } = await plane.store.prisma.consumer.findUniqueOrThrow({ where: { id: consumer.consumer_id } });
    const rows = Array.from({ length: 64 }, (_, n) => ({
      tenant_id,
      consumer_id: consumer.consumer_id,
      sha256: new Uint8Array(createHash('sha256').update(`${consumer.consumer_id}${n}`).digest()),
      sealed: new Uint8Array(),
      hint: 'x',
    }));
    await plane.store.prisma.consumer_key.createMany({ data: rows });
    expect(await mint(consumer.consumer_id)).toMatchObject({ status: 409, body: { code: 'too_many_keys' } });
    await plane.store.prisma.consumer_key.updateMany({ where: { consumer_id: consumer.consumer_id }, data: { revoked_at: new Date() } });
    expect((await mint(consumer.consumer_id)).status).toBe(201);
  });

  it('of another tenant or another consumer do not exist', async () => {
    const { prisma } = plane.store;
    const foreign = await prisma.consumer.create({
      data: {
        tenant_id: await foreignTenant(plane),
        name: 'x',
        keys: { create: { sha256: new Uint8Array([1]), sealed: new Uint8Array(), hint: 'x' } },
      },
      include: { keys: true },
    });
    const { body: own } = await create();
    const keyId = foreign.keys[0]?.id;
    for (const path of [
      `/v1/consumers/${foreign.id}/keys/${keyId}`,
      `/v1/consumers/${own.consumer_id}/keys/${keyId}`,
      `/v1/consumers/${foreign.id}`,
    ]) {
      expect((await plane.request('DELETE', path)).status).toBe(404);
    }
    for (const path of [`/v1/consumers/${foreign.id}`, `/v1/consumers/${foreign.id}/keys`])
      expect((await plane.request('GET', path)).status).toBe(404);
    expect((await mint(foreign.id)).status).toBe(404);
    expect((await mint(nowhere)).status).toBe(404);
    expect((await plane.request('DELETE', `/v1/consumers/${own.consumer_id}/keys/none`)).status).toBe(400);
  });
});

it('every operation on consumers is for operators, writing for administrators', async () => {
  const one = `/v1/consumers/${nowhere}`;
  await expectGuarded(plane, [
    { method: 'GET', path: '/v1/consumers' },
    { method: 'POST', path: '/v1/consumers', body: { name: 'x' } },
    { method: 'GET', path: one },
    { method: 'PATCH', path: one, body: {} },
    { method: 'DELETE', path: one },
    { method: 'GET', path: `${one}/keys` },
    { method: 'POST', path: `${one}/keys`, body: {} },
    { method: 'DELETE', path: `${one}/keys/${nowhere}` },
  ]);
});
