import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, ApiItem, AuditRecordList } from '@stoa/generated/schemas.ts';
import { asGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

type Problem = { code?: string; errors?: { pointer: string }[] };
let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
  for (const name of ['sales', 'risk']) await plane.request('POST', '/v1/teams', { body: { name } });
});
afterAll(() => plane.close());

const document = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  servers: [{ url: 'https://api.example.com' }],
  paths: { '/orders': { get: { operationId: 'list', responses: { '200': { description: 'Orders.' } } } } },
};
const create = (name: string, more: object = {}) => plane.request<Api & Problem>('POST', '/v1/apis', { body: { name, document, ...more } });
const edit = (id: string, body: object, headers = {}) => plane.request<Api & Problem>('PATCH', `/v1/apis/${id}`, { body, headers });
const of = (family: string, version: string, more: object = {}) => ({ lifecycle: { version_of: family, version, ...more } });

describe('the lifecycle of an API', () => {
  it('is said when it is defined and edited, kept by what does not say it, taken away by null, and no part of a revision', async () => {
    const { status, body, headers } = await create('one', of('ones', 'v1', { deprecated_at: '2026-11-01T01:00:00+01:00' }));
    const lifecycle = { version_of: 'ones', version: 'v1', deprecated_at: '2026-11-01T00:00:00.000Z' };
    expect([status, body.lifecycle]).toEqual([201, lifecycle]);
    const replaced = await plane.request<Api>('PUT', `/v1/apis/${body.api_id}`, { body: { document, upstream_url: 'https://b.example.com' } });
    expect(replaced.body).toMatchObject({ revision: 2, lifecycle });
    const edited = await edit(body.api_id, { lifecycle: { sunset_at: '2027-05-01T00:00:00Z' } });
    expect(edited.body).toMatchObject({ revision: 2, lifecycle: { sunset_at: '2027-05-01T00:00:00.000Z' } });
    expect((await edit(body.api_id, { labels: {} }, { 'If-Match': headers.get('etag') })).status).toBe(412);
    expect((await edit(body.api_id, { lifecycle: null })).body).not.toHaveProperty('lifecycle');
    const { items } = (await plane.request<AuditRecordList>('GET', `/v1/audit?object=${body.api_id}&action=editApi`)).body;
    expect(items[0]).toMatchObject({ before: { lifecycle: { sunset_at: '2027-05-01T00:00:00.000Z' } } });
    expect(items[0]?.after).not.toHaveProperty('lifecycle');
  });

  it('is said by an upload as JSON text', async () => {
    const form = new FormData();
    form.set('name', 'uploaded');
    form.set('document', new Blob([JSON.stringify(document)], { type: 'application/json' }), 'openapi.json');
    form.set('lifecycle', JSON.stringify({ version_of: 'uploads', version: 'v1' }));
    const answer = await fetch(`${plane.url}/v1/apis`, { method: 'POST', headers: { authorization: `Bearer ${plane.adminToken}` }, body: form });
    expect(await answer.json()).toMatchObject({ lifecycle: { version_of: 'uploads', version: 'v1' } });
  });

  it('reaches gateways as it is, whichever revision they serve', async () => {
    const { body: api } = await create('deployed');
    const gateway = asGateway(plane, await plane.mintGatewayKey({ name: 'reads' }));
    const { gateway_id } = (await gateway.register('reads-01')).body;
    await plane.request('POST', '/v1/deployments', { body: { api_id: api.api_id, targets: { instance_names: ['reads-01'] }, revision: 1 } });
    const served = async () => (await gateway.items(gateway_id)).find((item): item is ApiItem => item.kind === 'api');
    expect(await served()).not.toHaveProperty('lifecycle');
    await edit(api.api_id, of('deployments', 'v1'));
    expect((await served())?.lifecycle).toEqual({ version_of: 'deployments', version: 'v1' });
  });

  it.each([
    ['a version of nothing', { version: 'v1' }, 400, undefined],
    ['a version that is a path', { version_of: 'a', version: 'v1/x' }, 400, undefined],
    ['a version that is a word of the API', { version_of: 'a', version: 'orders' }, 400, undefined],
    ['nothing at all', {}, 400, undefined],
    ['a link that ends a header', { deprecated_at: '2026-11-01T00:00:00Z', information_url: 'https://a.example/>; rel="x"' }, 400, undefined],
    [
      'a sunset before the deprecation',
      { deprecated_at: '2026-11-01T00:00:00Z', sunset_at: '2026-10-01T00:00:00Z' },
      400,
      '/body/lifecycle/sunset_at',
    ],
    ['a second that JavaScript does not know', { sunset_at: '2016-12-31T23:59:60Z' }, 400, '/body/lifecycle/sunset_at'],
  ])('is refused as %s', async (_what, lifecycle, status, pointer) => {
    const answer = await create('refused', { lifecycle });
    expect(answer.status).toBe(status);
    if (pointer !== undefined) expect(answer.body.errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  it('is of one API for each version, whether that is made, edited or renamed', async () => {
    await create('twin-a', of('twins', 'v1'));
    expect(await create('twin-b', of('twins', 'v1'))).toMatchObject({ status: 409, body: { code: 'version_taken' } });
    const { body } = await create('twin-b', of('twins', 'v2'));
    expect(await edit(body.api_id, of('twins', 'v1'))).toMatchObject({ status: 409, body: { code: 'version_taken' } });
    expect((await edit(body.api_id, of('twins', 'v2', { successor: 'twin-a' }))).status).toBe(200);
  });

  it('shares a place below /apis with APIs of its own team alone, whichever of them comes later', async () => {
    const taken = { status: 409, body: { code: 'version_of_another_team' } };
    const { body: shared } = await create('shared', { team: 'sales' });
    expect(await create('shared-v2', { team: 'risk', ...of('shared', 'v2') })).toMatchObject(taken);
    expect(await create('shared-v2', of('shared', 'v2'))).toMatchObject(taken);
    expect((await create('shared-v2', { team: 'sales', ...of('shared', 'v2') })).status).toBe(201);
    expect(await create('shared-v3', { team: 'risk', ...of('shared', 'v3') })).toMatchObject(taken);
    await create('family-v1', { team: 'sales', ...of('family', 'v1') });
    expect(await create('family', { team: 'risk' })).toMatchObject(taken);
    const { body: other } = await create('other', { team: 'risk' });
    expect(await edit(other.api_id, { name: 'family' })).toMatchObject(taken);
    expect(await edit(shared.api_id, { team: 'risk' })).toMatchObject(taken);
  });
});
