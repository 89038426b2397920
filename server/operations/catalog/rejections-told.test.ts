import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deployment, Policy } from '@stoa/generated/schemas.ts';
import { asGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let api_id: string;
const reason = 'the open-source Kong has no call wait for a person';
const connect = { gateway_mode: 'connect', target_gateway: { type: 'kong' }, features: ['subscriptions', 'plans', 'public_path'] };
const cannot_enforce = [{ kind: 'approval', reason }];
const document = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
const approval = (name: string, ...attached_to: object[]) => ({ name, policy: { kind: 'approval', config: {} }, attached_to });
const make = (body: object, query = '') => plane.request<Policy>('POST', `/v1/policies${query}`, { body });
const expected = (policy: string) =>
  `The API orders will be rejected by kong-1 (production), and not be served there, because of the policy ${policy} of the kind approval: ${reason}.`;

beforeAll(async () => {
  plane = await startTestControlPlane();
  const gateways = asGateway(plane, await plane.mintGatewayKey());
  await gateways.register('kong-1', { ...connect, cannot_enforce });
  await gateways.register('edge-1');
  await gateways.register('kong-elsewhere', { ...connect, cannot_enforce, environment: 'staging' });
  api_id = (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: 'orders', document } })).body.api_id;
  await plane.request('POST', '/v1/deployments', { body: { name: 'orders-production', api_id, targets: { environments: ['production'] } } });
});
afterAll(() => plane.close());

it('whoever attaches a policy is told which gateways will reject the API because of it, in a dry run as well, which saves nothing', async () => {
  const tried = await make(approval('tried', { api_id }), '?dry_run=true');
  expect([tried.status, tried.body.warnings]).toEqual([201, [expected('tried')]]);
  expect((await plane.request('GET', `/v1/policies/${tried.body.policy_id}`)).status).toBe(404);
  const { body } = await make(approval('asks', { environment: 'production' }));
  expect(body.warnings).toEqual([expected('asks')]);
  const page = `/v1/policies/${body.policy_id}`;
  expect((await plane.request<Policy>('GET', page)).body.warnings).toEqual([expected('asks')]);
  // In no environment where the API is deployed, and of a kind that Kong has.
  expect((await plane.request<Policy>('PUT', page, { body: approval('asks', { environment: 'staging' }) })).body.warnings).toBeUndefined();
  const again = await plane.request<Policy>('PUT', `${page}?dry_run=true`, { body: approval('asks', { api_id }) });
  expect(again.body.warnings).toEqual([expected('asks')]);
  expect((await plane.request<Policy>('GET', page)).body.attached_to).toEqual([{ environment: 'staging' }]);
  const limit = { name: 'limits', policy: { kind: 'rate_limit', config: { limit: 1, window_s: 60 } }, attached_to: [{ api_id }] };
  expect((await make(limit)).body.warnings).toBeUndefined();
});

it('whoever deploys is told the same of the policies that are there already', async () => {
  const policy = (await make(approval('stays', { api_id }))).body.policy_id;
  const body = { api_id, targets: { instance_names: ['kong-elsewhere'] } };
  const { warnings } = (await plane.request<Deployment>('POST', '/v1/deployments', { body })).body;
  expect(warnings).toContainEqual(
    expect.stringContaining('rejected by kong-elsewhere (staging), and not be served there, because of the policy stays'),
  );
  await plane.request('DELETE', `/v1/policies/${policy}`);
});

it('an instance that registers again without a reason is not spoken of any more', async () => {
  await asGateway(plane, await plane.mintGatewayKey()).register('kong-1', connect);
  expect((await make(approval('later', { api_id }))).body.warnings ?? []).not.toContainEqual(expect.stringContaining('kong-1'));
});
