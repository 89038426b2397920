import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, Deployment, Policy, PolicyAttachment, Promotion } from '@stoa/generated/schemas.ts';
import { documentOf, makerIn, perMinute } from '../../testing/catalog.ts';
import type { Refused } from '../../testing/catalog.ts';
import { asGateway } from '../../testing/gateways.ts';
import { expectGuarded, revisionOf } from '../../testing/refusals.ts';
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

const createApi = (...operations: string[]) => make.api({ document: documentOf(...operations), open_to_all_consumers: true });
const revise = (api: Api, ...operations: string[]) =>
  plane.request('PUT', `/v1/apis/${api.api_id}`, { body: { name: api.name, document: documentOf(...operations) } });
const limit = (name: string, attached_to: PolicyAttachment[]) => make.policy(perMinute(5), attached_to, name);
const promote = ({ deployment_id: id }: Deployment, body: object, query = '', headers = {}) =>
  plane.request<Promotion & Refused>('POST', `/v1/deployments/${id}/promote${query}`, { body, headers });
const deployments = async () => (await plane.request<{ items: Deployment[] }>('GET', '/v1/deployments')).body.items;

describe('promoting a deployment', () => {
  it('exposes the same revision there, with the policies of where it comes from, and tells what is another thing', async () => {
    const api = await createApi('list', 'read');
    const staging = await make.deployment(
      api,
      { environments: ['staging'], modes: ['edge_mcp'] },
      { name: 'things-staging', public_path: { prefix: '/things' } },
    );
    const only = await limit('of-staging', [{ environment: 'staging' }]);
    const both = await limit('of-the-api', [{ api_id: api.api_id }]);
    const there = await limit('of-production', [{ environment: 'production' }]);
    const { gateway_id } = (await gateways.register('in-production', { environment: 'production' })).body;
    const limitsThere = async () =>
      (await gateways.items(gateway_id)).flatMap((item) => (item.kind === 'policy' ? [[item.name, item.api_ids]] : [])).sort();
    const dry = await promote(staging, { environment: 'production' }, '?dry_run=true');
    expect(dry).toMatchObject({
      status: 200,
      body: {
        deployment: {
          name: 'things-production',
          api_id: api.api_id,
          public_path: { prefix: '/things' },
          targets: { environments: ['production'], modes: ['edge_mcp'] },
          revision: 1,
        },
        from: 'staging',
        to: 'production',
        action: 'created',
        revision: { after: 1 },
        tools: { added: [`${api.name}_list`, `${api.name}_read`], removed: [], changed: [] },
        policies: [
          { policy_id: there.policy_id, name: 'of-production', kind: 'rate_limit', action: 'only_there' },
          { policy_id: only.policy_id, name: 'of-staging', kind: 'rate_limit', action: 'attached' },
          { policy_id: both.policy_id, name: 'of-the-api', kind: 'rate_limit', action: 'present' },
        ],
      },
    });
    expect([await deployments(), await limitsThere()]).toEqual([[expect.objectContaining({ name: 'things-staging' })], []]);
    const { body: made } = await promote(staging, { environment: 'production' });
    expect(made.deployment).toMatchObject({ name: 'things-production', revision: 1, state: 'pending' });
    expect(await limitsThere()).toEqual(['of-production', 'of-staging', 'of-the-api'].map((name) => [name, [api.api_id]]));
    expect((await plane.request<Policy>('GET', `/v1/policies/${only.policy_id}`)).body.attached_to).toEqual([
      { environment: 'staging' },
      { api_id: api.api_id, environment: 'production' },
    ]);
    // What follows the newest is promoted as it is now, and stays so.
    await revise(api, 'read', 'write');
    const again = await promote(staging, { environment: 'production' });
    expect(again.body).toMatchObject({
      action: 'updated',
      revision: { before: 1, after: 2 },
      tools: { added: [`${api.name}_write`], removed: [`${api.name}_list`], changed: [] },
      deployment: { deployment_id: made.deployment.deployment_id, revision: 2 },
    });
    await revise(api, 'write');
    expect((await plane.request<Deployment>('GET', `/v1/deployments/${made.deployment.deployment_id}`)).body.revision).toBe(2);
    await plane.request('PATCH', `/v1/deployments/${staging.deployment_id}`, { body: { revision: 2 } });
    expect((await promote(staging, { environment: 'production' })).body).toMatchObject({ action: 'unchanged', revision: { before: 2, after: 2 } });
    const policies = (await promote(staging, { environment: 'production' })).body.policies.map(({ action }) => action);
    expect(policies).toEqual(['only_there', 'present', 'present']);
    for (const { policy_id: id } of [only, both, there]) await plane.request('DELETE', `/v1/policies/${id}`);
  });

  it('carries any number of policies by one change of them', async () => {
    const api = await createApi('list');
    const staging = await make.deployment(api, { environments: ['many'] });
    const names = ['one', 'two', 'three'].map((name) => `many-${name}`);
    for (const name of names) await limit(name, [{ environment: 'many' }]);
    const before = await revisionOf(plane);
    const { body } = await promote(staging, { environment: 'few' });
    expect(body.policies.filter(({ action }) => action === 'attached').map(({ name }) => name)).toEqual(names.toSorted());
    // One for the deployment, one for the policies.
    expect(await revisionOf(plane)).toBe(before + 2n);
  });

  it('does nothing where another deployment exposes another revision there, and names each', async () => {
    const api = await createApi('list');
    const staging = await make.deployment(api, { environments: ['staging'] });
    await make.deployment(api, { environments: ['elsewhere', 'live'] }, { name: 'both', revision: 1 });
    await make.deployment(api, { modes: ['connect'] }, { name: 'everywhere' });
    await make.deployment(api, { environments: ['other'] }, { name: 'away', revision: 1 });
    await revise(api, 'list', 'read');
    for (const query of ['', '?dry_run=true']) {
      expect(await promote(staging, { environment: 'live' }, query)).toMatchObject({
        status: 409,
        body: {
          code: 'other_revision_there',
          errors: [
            { pointer: '/body/environment', message: expect.stringMatching(/^the deployment both exposes revision 1 there: end it, pin it to 2/) },
          ],
        },
      });
    }
    await plane.request('PATCH', `/v1/deployments/${staging.deployment_id}`, { body: { revision: 1 } });
    expect((await promote(staging, { environment: 'live' })).body.errors?.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^the deployment everywhere exposes the newest revision, 2, there/),
    ]);
  });

  it('is refused from no one environment, from named instances, to where it is, and under a name that is taken', async () => {
    const api = await createApi('list');
    const everywhere = await make.deployment(api, { modes: ['edge_mcp'] });
    const two = await make.deployment(api, { environments: ['a', 'b'] });
    const named = await make.deployment(api, { environments: ['a'], instance_names: ['one'] });
    const one = await make.deployment(api, { environments: ['a'] });
    for (const [deployment, detail] of [
      [everywhere, /is of all/],
      [two, /is of a, b/],
      [named, /instances by their names/],
    ] as const)
      expect(await promote(deployment, { environment: 'c' })).toMatchObject({ status: 422, body: { detail: expect.stringMatching(detail) } });
    expect(await promote(one, { environment: 'a' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/environment' }] } });
    expect(await promote(one, { environment: 'c', name: two.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    expect(await promote(one, { environment: 'c' }, '', { 'If-Match': '"other"' })).toMatchObject({ status: 412 });
    expect((await promote(one, { environment: 'Not A Name' })).status).toBe(400);
    await expectGuarded(plane, [{ method: 'POST', path: `/v1/deployments/${one.deployment_id}/promote`, body: { environment: 'c' } }]);
  });
});
