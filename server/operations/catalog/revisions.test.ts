import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, ApiItem, ApiRevision, ApiRevisionList, Deployment } from '@stoa/generated/schemas.ts';
import { makerIn, nowhere } from '../../testing/catalog.ts';
import { asGateway } from '../../testing/gateways.ts';
import { expectGuarded, foreignTenant } from '../../testing/refusals.ts';
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

const document = (version: string) => ({
  openapi: '3.1.0',
  info: { title: 'Things', version },
  servers: [{ url: `https://v${version}.example.com` }],
  paths: { [`/things-${version}`]: { get: { operationId: `listThings${version}`, responses: { 200: { description: 'Things.' } } } } },
});
const createApi = (more: object = {}) => make.api({ document: document('1'), ...more });
const update = (apiId: string, version: string, more: object = {}) =>
  plane.request<Api>('PUT', `/v1/apis/${apiId}`, { body: { document: document(version), ...more } });
const revisionsOf = async (apiId: string) => (await plane.request<ApiRevisionList>('GET', `/v1/apis/${apiId}/revisions`)).body.items;
const revision = (apiId: string, number: number | string) => plane.request<ApiRevision>('GET', `/v1/apis/${apiId}/revisions/${number}`);

describe('the history of an API', () => {
  it('lists its revisions, newest first, and shows each as it was', async () => {
    const { api_id, name } = await createApi();
    await update(api_id, '2', { name: `${name}-renamed` });
    await update(api_id, '3');
    expect(
      (await revisionsOf(api_id)).map(({ revision: number, version, name: called, newest, tools }) => [number, version, called, newest, tools]),
    ).toEqual([
      [3, '3', `${name}-renamed`, true, 1],
      [2, '2', `${name}-renamed`, false, 1],
      [1, '1', name, false, 1],
    ]);
    for (const number of [1, 3]) {
      expect((await revision(api_id, number)).body).toMatchObject({
        revision: number,
        newest: number === 3,
        upstream_url: `https://v${number}.example.com`,
        document: document(String(number)),
        operations: [{ operation_id: `listThings${number}` }],
      });
    }
    expect((await revision(api_id, 4)).status).toBe(404);
    for (const bad of ['0', 'first', '99999999999']) expect((await revision(api_id, bad)).status).toBe(400);
    await plane.request('DELETE', `/v1/apis/${api_id}`);
    expect((await revision(api_id, 1)).status).toBe(404);
  });

  it('is read in pages, as every list is, and tells the filter that made each', async () => {
    const operations = { include: [{ path: '/things-*' }] };
    const { api_id } = await createApi({ operations });
    await update(api_id, '2');
    await update(api_id, '3', { operations: {} });
    const page = async (query: string) => (await plane.request<ApiRevisionList>('GET', `/v1/apis/${api_id}/revisions?${query}`)).body;
    const first = await page('limit=2');
    expect(first.items.map((item) => [item.revision, item.operations_filter])).toEqual([
      [3, {}],
      [2, operations],
    ]);
    const last = await page(`limit=2&cursor=${first.next_cursor}`);
    expect([last.items.map((item) => [item.revision, item.operations_filter]), last.next_cursor]).toEqual([[[1, operations]], null]);
    expect((await page('limit=3')).next_cursor).toBeNull();
    expect((await revision(api_id, 1)).body.operations_filter).toEqual(operations);
    for (const query of ['limit=0', 'limit=x', 'cursor=x', `cursor=${Buffer.from('revision 0').toString('base64url')}`])
      expect((await plane.request('GET', `/v1/apis/${api_id}/revisions?${query}`)).status, query).toBe(400);
  });

  it('ends after a hundred, but for what a deployment is pinned to', async () => {
    const { api_id } = await createApi();
    await make.deployment({ api_id }, { environments: ['old'] }, { revision: 1 });
    await update(api_id, '2');
    await plane.store.pool.query('UPDATE api SET revision = 101 WHERE id = $1', [api_id]);
    await update(api_id, '3');
    await update(api_id, '4');
    expect((await revisionsOf(api_id)).map((item) => item.revision)).toEqual([103, 102, 101, 1]);
  });

  it('holds no credential for the upstream, and none of it is of another tenant', async () => {
    const auth = { header: 'X-Key', value: 'the-secret-of-the-upstream' };
    const { api_id } = await createApi({ upstream_auth: auth });
    await update(api_id, '2');
    const shown = JSON.stringify([(await revision(api_id, 1)).body, await revisionsOf(api_id)]);
    expect(shown).not.toContain(auth.value);
    expect((await revision(api_id, 1)).body).toMatchObject({ has_upstream_auth: true });
    const foreign = await plane.store.prisma.api.create({
      data: {
        tenant_id: await foreignTenant(plane),
        name: 'x',
        title: 'x',
        version: '1',
        document: {},
        upstream_url: 'http://x',
        operations: [],
        loss_report: [],
        revisions: {
          create: {
            revision: 7,
            name: 'x',
            title: 'x',
            version: '1',
            document: {},
            upstream_url: 'x',
            operations: [],
            loss_report: [],
            revised_at: new Date(),
          },
        },
      },
    });
    for (const path of ['', '/1', '/7']) expect((await plane.request('GET', `/v1/apis/${foreign.id}/revisions${path}`)).status).toBe(404);
    await expectGuarded(plane, [
      { method: 'GET', path: `/v1/apis/${nowhere}/revisions` },
      { method: 'GET', path: `/v1/apis/${nowhere}/revisions/1` },
    ]);
  });
});

describe('a deployment', () => {
  const itemOn = async (gatewayId: string) => (await gateways.items(gatewayId)).find((item): item is ApiItem => item.kind === 'api');
  const change = (id: string, body: object) =>
    plane.request<Deployment & { errors?: { pointer: string; message: string }[] }>('PATCH', `/v1/deployments/${id}`, { body });

  it('follows the newest revision, is pinned to one, and rolls back by a pin, with the credential of that time', async () => {
    const { api_id } = await createApi({ upstream_auth: { header: 'X-Key', value: 'of-one' } });
    const { gateway_id } = (await gateways.register('pinned', { environment: 'pinned' })).body;
    const body = await make.deployment({ api_id }, { environments: ['pinned'] });
    expect(body.revision).toBe('newest');
    await update(api_id, '2', { upstream_auth: { header: 'X-Key', value: 'of-two' } });
    const two = { revision: 2, version: '2', upstream: { url: 'https://v2.example.com', auth: { value: 'of-two' } } };
    expect(await itemOn(gateway_id)).toMatchObject(two);
    expect((await change(body.deployment_id, { revision: 1 })).body).toMatchObject({
      revision: 1,
      targets: body.targets,
      gateways: [{ state: 'pending' }],
    });
    expect(await itemOn(gateway_id)).toMatchObject({
      revision: 1,
      version: '1',
      upstream: { url: 'https://v1.example.com', auth: { value: 'of-one' } },
      operations: [{ operation_id: 'listThings1' }],
    });
    await change(body.deployment_id, { revision: 2 });
    await update(api_id, '3');
    expect(await itemOn(gateway_id)).toMatchObject(two);
    await change(body.deployment_id, { revision: 'newest' });
    expect(await itemOn(gateway_id)).toMatchObject({ revision: 3 });
  });

  it('keeps who may call as it is now, whatever is pinned', async () => {
    const { api_id } = await createApi({ open_to_all_consumers: true });
    const { gateway_id } = (await gateways.register('closed', { environment: 'closed' })).body;
    await make.deployment({ api_id }, { environments: ['closed'] }, { revision: 1 });
    expect(await itemOn(gateway_id)).not.toHaveProperty('subscription_required');
    await update(api_id, '2', { open_to_all_consumers: false });
    expect(await itemOn(gateway_id)).toMatchObject({ revision: 1, subscription_required: true });
  });

  it('is given other targets, and refuses a revision that there is not, naming the newest', async () => {
    const { api_id } = await createApi();
    const body = await make.deployment({ api_id }, { environments: ['here'] });
    expect((await change(body.deployment_id, { targets: { modes: ['connect'] } })).body).toMatchObject({
      targets: { modes: ['connect'] },
      revision: 'newest',
    });
    const unknown = { status: 422, body: { errors: [{ pointer: '/body/revision', message: expect.stringContaining('the newest is 1') }] } };
    expect(await change(body.deployment_id, { revision: 9 })).toMatchObject(unknown);
    expect(await plane.request('POST', '/v1/deployments', { body: { api_id, targets: { modes: ['sidecar'] }, revision: 9 } })).toMatchObject(unknown);
    for (const faulty of [{}, { revision: 0 }, { revision: 'latest' }, { api_id }])
      expect((await change(body.deployment_id, faulty)).status).toBe(400);
    expect((await change(body.deployment_id, { revision: 'latest' })).body).toMatchObject({
      errors: [{ pointer: '/body/revision', message: 'must be newest, or a whole number from 1 to 2147483647' }],
    });
    expect((await change(nowhere, { revision: 1 })).status).toBe(404);
  });
});
