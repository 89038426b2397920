import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, Deployment, Subscription, SubscriptionList } from '@stoa/generated/schemas.ts';
import { documentOf, makerIn, nowhere } from '../../testing/catalog.ts';
import { asGateway } from '../../testing/gateways.ts';
import { expectGuarded, foreignTenant, revisionOf } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let make: ReturnType<typeof makerIn>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  make = makerIn(plane);
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());

const document = documentOf();
const subscribe = (body: object) => make.post<Subscription>('/v1/subscriptions', body);

describe('subscriptions', () => {
  it('are made by the id or the name of the consumer, shown, listed by either end, paged and withdrawn', async () => {
    const [api, other, alice, bob] = [await make.api(), await make.api(), await make.consumer(), await make.consumer()];
    const before = await revisionOf(plane);
    const { status, body } = await subscribe({ api_id: api.api_id, consumer_id: alice.consumer_id });
    expect(status).toBe(201);
    expect(body).toEqual({
      subscription_id: expect.any(String),
      api_id: api.api_id,
      api_name: api.name,
      consumer_id: alice.consumer_id,
      consumer_name: alice.name,
      created_at: expect.any(String),
      created_by: { kind: 'token', id: expect.any(String), name: 'first owner' },
    });
    expect(await revisionOf(plane)).toBe(before + 1n);
    const byName = (await subscribe({ api_id: other.api_id, consumer_name: bob.name })).body;
    expect(byName).toMatchObject({ api_id: other.api_id, consumer_id: bob.consumer_id });
    const third = (await subscribe({ api_id: other.api_id, consumer_name: alice.name })).body;
    expect((await plane.request('GET', `/v1/subscriptions/${body.subscription_id}`)).body).toEqual(body);
    const list = async (query: string) => (await plane.request<SubscriptionList>('GET', `/v1/subscriptions?${query}`)).body;
    expect((await list(`api_id=${other.api_id}`)).items).toEqual([byName, third]);
    expect((await list(`consumer_id=${alice.consumer_id}`)).items).toEqual([body, third]);
    const page = await list('limit=1');
    expect([...page.items, ...(await list(`cursor=${page.next_cursor}`)).items]).toEqual([body, byName, third]);
    expect((await plane.request('DELETE', `/v1/subscriptions/${body.subscription_id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/subscriptions/${body.subscription_id}`)).status).toBe(404);
    await plane.request('DELETE', `/v1/apis/${other.api_id}`);
    expect((await list('')).items).toEqual([]);
  });

  it('are refused with 400, 409 and 422, which name the field and the remedy', async () => {
    const [{ api_id }, { consumer_id, name }] = [await make.api(), await make.consumer()];
    const { body } = await subscribe({ api_id, consumer_id });
    expect(await subscribe({ api_id, consumer_name: name })).toMatchObject({
      status: 409,
      body: { code: 'already_subscribed', detail: expect.stringContaining(body.subscription_id) },
    });
    expect(await subscribe({ api_id: nowhere, consumer_name: 'nobody' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/api_id' }, { pointer: '/body/consumer_name' }] },
    });
    for (const consumer of [{}, { consumer_id, consumer_name: name }]) {
      expect(await subscribe({ api_id, ...consumer })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/body/consumer_id', message: expect.stringContaining('consumer_name') }] },
      });
    }
    for (const faulty of [{}, { api_id: 'x', consumer_id }, { api_id, consumer_id, unknown: 1 }, { api_id, consumer_name: 'No Slug' }])
      expect((await subscribe(faulty)).status).toBe(400);
  });

  it('of another tenant, and to what another tenant has, do not exist', async () => {
    const { prisma } = plane.store;
    const tenant_id = await foreignTenant(plane);
    const api = await prisma.api.create({
      data: { tenant_id, name: 'x', title: 'x', version: '1', document: {}, upstream_url: 'http://x', operations: [], loss_report: [] },
    });
    const consumer = await prisma.consumer.create({ data: { tenant_id, name: 'stranger' } });
    const foreign = await prisma.subscription.create({ data: { tenant_id, api_id: api.id, consumer_id: consumer.id } });
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/subscriptions/${foreign.id}`)).status).toBe(404);
    const [own, somebody] = [await make.api(), await make.consumer()];
    expect((await subscribe({ api_id: api.id, consumer_id: somebody.consumer_id })).status).toBe(422);
    expect((await subscribe({ api_id: own.api_id, consumer_id: consumer.id })).status).toBe(422);
  });

  it('are for operators to read, and for administrators to make and withdraw', async () => {
    await expectGuarded(plane, [
      { method: 'GET', path: '/v1/subscriptions' },
      { method: 'POST', path: '/v1/subscriptions', body: { api_id: nowhere, consumer_id: nowhere } },
      { method: 'GET', path: `/v1/subscriptions/${nowhere}` },
      { method: 'DELETE', path: `/v1/subscriptions/${nowhere}` },
    ]);
  });
});

describe('an API', () => {
  it('is closed unless it is opened to all consumers by an explicit word, which an update keeps', async () => {
    const { api_id, name, open_to_all_consumers } = await make.api();
    expect(open_to_all_consumers).toBe(false);
    const update = async (body: object) => (await plane.request<Api>('PUT', `/v1/apis/${api_id}`, { body: { name, document, ...body } })).body;
    expect(await update({ open_to_all_consumers: true })).toMatchObject({ open_to_all_consumers: true });
    expect(await update({})).toMatchObject({ open_to_all_consumers: true });
    expect(await update({ open_to_all_consumers: false })).toMatchObject({ open_to_all_consumers: false });
    const form = new FormData();
    form.append('name', 'uploaded');
    form.append('open_to_all_consumers', 'true');
    form.append('document', new Blob([JSON.stringify(document)]), 'things.json');
    const headers = { authorization: `Bearer ${plane.adminToken}` };
    const uploaded = await fetch(`${plane.url}/v1/apis`, { method: 'POST', headers, body: form });
    expect(await uploaded.json()).toMatchObject({ name: 'uploaded', open_to_all_consumers: true });
  });

  it('reaches a runtime with the subscriptions to it, each an item, and nothing of it follows a withdrawal', async () => {
    const [{ api_id }, { consumer_id }] = [await make.api(), await make.consumer()];
    const { gateway_id } = (await gateways.register('knows', { environment: 'knows' })).body;
    await make.deployment({ api_id }, { environments: ['knows'] });
    const { subscription_id } = (await subscribe({ api_id, consumer_id })).body;
    const ofApi = async () => (await gateways.items(gateway_id)).filter((item) => item.kind === 'api' || item.kind === 'subscription');
    expect(await ofApi()).toEqual([
      expect.objectContaining({ api_id, subscription_required: true }),
      { id: `subscription:${subscription_id}`, kind: 'subscription', subscription_id, api_id, consumer_id },
    ]);
    await plane.request('DELETE', `/v1/subscriptions/${subscription_id}`);
    expect(await ofApi()).toEqual([expect.objectContaining({ api_id, subscription_required: true })]);
  });

  it('is kept from a runtime that does not enforce subscriptions, with the reason on its deployment, until it is open or the runtime is updated', async () => {
    const { api_id, name } = await make.api();
    await make.consumer();
    const old = { environment: 'old', features: ['mcp'] };
    const { gateway_id } = (await gateways.register('outdated', old)).body;
    const { deployment_id } = await make.deployment({ api_id }, { environments: ['old'] });
    const stateThere = async () => (await plane.request<Deployment>('GET', `/v1/deployments/${deployment_id}`)).body.gateways?.[0];
    expect(await gateways.items(gateway_id)).toEqual([]);
    expect(await stateThere()).toMatchObject({ state: 'rejected', phase: 'render', reason: expect.stringMatching(/runtime is too old.*Update/) });
    await plane.request('PUT', `/v1/apis/${api_id}`, { body: { name, document, open_to_all_consumers: true } });
    const [item, ...others] = await gateways.items(gateway_id);
    expect(item).toMatchObject({ kind: 'api', api_id });
    expect(item).not.toHaveProperty('subscription_required');
    expect(new Set(others.map(({ kind }) => kind))).toEqual(new Set(['consumer']));
    expect(await stateThere()).toMatchObject({ state: 'pending' });
    await plane.request('PUT', `/v1/apis/${api_id}`, { body: { name, document, open_to_all_consumers: false } });
    expect(await gateways.items(gateway_id)).toEqual([]);
    await gateways.register('outdated', { ...old, features: ['mcp', 'subscriptions'] });
    expect(await gateways.items(gateway_id)).toContainEqual(expect.objectContaining({ api_id, subscription_required: true }));
    expect(await stateThere()).toMatchObject({ state: 'pending' });
  });
});
