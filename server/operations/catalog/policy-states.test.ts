import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GatewayConfig, Policy, PolicyList } from '@stoa/generated/schemas.ts';
import { asGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let key: string;
beforeAll(async () => {
  plane = await startTestControlPlane();
  key = await plane.mintGatewayKey();
});
afterAll(() => plane.close());

const document = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
const limit = { kind: 'rate_limit', config: { limit: 1, window_s: 60 } };

async function deployedApi(environment: string): Promise<string> {
  const api_id = (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: `api-${environment}`, document } })).body.api_id;
  await plane.request('POST', '/v1/deployments', { body: { api_id, targets: { environments: [environment] } } });
  return api_id;
}
const attach = async (name: string, ...attached_to: object[]): Promise<string> =>
  (await plane.request<Policy>('POST', '/v1/policies', { body: { name, policy: limit, attached_to } })).body.policy_id;
const register = async (environment: string, name: string, features = ['subscriptions']): Promise<string> =>
  (await asGateway(plane, key).register(name, { environment, features })).body.gateway_id;

async function acknowledge(id: string, items: object[]): Promise<void> {
  const { generation, hash } = (await plane.request<GatewayConfig>('GET', `/v1/internal/gateways/${id}/config`, { token: key })).body;
  const body = { generation, hash, state: items.length === 0 ? 'applied' : 'applied_with_warnings', items, unlisted_applied: true };
  expect((await plane.request('POST', `/v1/internal/gateways/${id}/config/ack`, { token: key, body })).status).toBe(204);
}

/** Of each policy whose name holds the text, the state in the list, which its own page must say too. */
async function states(search: string): Promise<Record<string, string | undefined>> {
  const { items } = (await plane.request<PolicyList>('GET', `/v1/policies?search=${search}`)).body;
  for (const { policy_id: id, state } of items) expect((await plane.request<Policy>('GET', `/v1/policies/${id}`)).body.state).toBe(state);
  return Object.fromEntries(items.map(({ name, state }) => [name, state]));
}

it('a policy fares as the worst of the gateways that are given an API which it applies to', async () => {
  const api = await deployedApi('east');
  const elsewhere = await deployedApi('west');
  const own = await attach('fares-by-api', { api_id: api });
  await attach('fares-by-environment', { environment: 'east' });
  await attach('fares-nowhere', { api_id: elsewhere }, { environment: 'north' });
  await attach('fares-for-itself');
  const unmatched = { 'fares-nowhere': 'unmatched', 'fares-for-itself': 'unattached' };
  expect(await states('fares')).toEqual({ 'fares-by-api': 'unmatched', 'fares-by-environment': 'unmatched', ...unmatched });

  const [one, other] = [await register('east', 'one'), await register('east', 'other')];
  // One that does not enforce subscriptions is not given the API, and one of an environment without deployments is given nothing.
  await register('east', 'too-old', []);
  await register('north', 'idle');
  expect(await states('fares')).toEqual({ 'fares-by-api': 'pending', 'fares-by-environment': 'pending', ...unmatched });
  await acknowledge(one, []);
  expect(await states('fares')).toMatchObject({ 'fares-by-api': 'pending', 'fares-by-environment': 'pending' });
  await acknowledge(other, [{ id: `policy:${own}`, state: 'applied_with_warnings', phase: 'apply', reason: 'x' }]);
  expect(await states('fares')).toEqual({ 'fares-by-api': 'applied_with_warnings', 'fares-by-environment': 'applied', ...unmatched });
  await acknowledge(other, [{ id: `policy:${own}`, state: 'rejected', phase: 'render', reason: 'x' }]);
  expect(await states('fares')).toMatchObject({ 'fares-by-api': 'rejected', 'fares-by-environment': 'applied' });
});

it('how a policy fares is no part of its entity tag', async () => {
  const id = await attach('tagged', { api_id: await deployedApi('south') });
  const tag = async (): Promise<string | null> => (await plane.request('GET', `/v1/policies/${id}`)).headers.get('etag');
  const before = await tag();
  await register('south', 'south-1');
  expect([await tag(), (await states('tagged'))['tagged']]).toEqual([before, 'pending']);
});
