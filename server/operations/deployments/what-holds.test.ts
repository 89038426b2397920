import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deployment, DeploymentList, GatewayConfig, GatewayList } from '@stoa/generated/schemas.ts';
import { asGateway, getGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());

const document = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: 'http://127.0.0.1:9' }], paths: {} };
const createApi = async (name: string) =>
  (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name, document, open_to_all_consumers: true } })).body.api_id;
const deploy = async (name: string, api_id: string, targets: object, more: object = {}) =>
  (await plane.request<Deployment>('POST', '/v1/deployments', { body: { name, api_id, targets, ...more } })).body;
const page = async ({ deployment_id: id }: Deployment) => (await plane.request<Deployment>('GET', `/v1/deployments/${id}`)).body;
const register = async (name: string, more: object = {}) =>
  (await gateways.register(name, { features: ['subscriptions', 'plans', 'public_path'], ...more })).body.gateway_id;
const connect = { gateway_mode: 'connect', target_gateway: { type: 'kong' } };
const acknowledge = async (id: string, state: string, items: object[]) => {
  const { generation, hash } = (await gateways.config<GatewayConfig>(id)).body;
  expect((await gateways.ack(id, { generation, hash, state, items })).status).toBe(204);
};

it('What is rejected beside what was applied does not look in sync, in the list as on the page, and says how much it is and why', async () => {
  const [id, api] = [await register('in-part'), await createApi('in-part')];
  const made = await deploy('in-part', api, { instance_names: ['in-part'] });
  const reason = 'Its policy sign-in is of the kind jwt_auth.';
  const items = [
    { id: `api:${api}`, state: 'rejected', phase: 'validate', reason },
    { id: 'policy:a', state: 'applied_with_warnings', reason: 'It waits.' },
  ];
  await acknowledge(id, 'applied_with_warnings', items);
  expect((await getGateway(plane, id)).config).toMatchObject({ state: 'partly_rejected', rejected_items: 1, items });
  const listed = (await plane.request<GatewayList>('GET', '/v1/gateways?search=in-part')).body.items;
  expect(listed.map(({ config }) => [config.state, config.rejected_items])).toEqual([['partly_rejected', 1]]);
  const deployments = (await plane.request<DeploymentList>('GET', `/v1/deployments?api_id=${api}`)).body.items;
  expect(deployments.map(({ state }) => state)).toEqual(['rejected']);
  expect((await page(made)).gateways).toMatchObject([{ state: 'rejected', reason }]);
  await acknowledge(id, 'applied_with_warnings', items.slice(1));
  expect((await getGateway(plane, id)).config.state).toBe('in_sync_with_warnings');
});

it('Of two deployments that choose a Connect the one that does not hold says so, and names the other, which says whose place it takes', async () => {
  const [id, api] = [await register('kong-eu', connect), await createApi('twice')];
  await register('edge-eu', { gateway_mode: 'edge_mcp' });
  const targets = { environments: ['production'], instance_names: ['kong-eu', 'edge-eu'] };
  const first = await deploy('first', api, targets, { public_path: { prefix: '/shop' } });
  const second = await deploy('second', api, { instance_names: ['kong-eu'] }, { public_path: { prefix: '/shop-next' } });
  expect(second.warnings).toEqual([expect.stringMatching(/^It takes the place of the deployment first on kong-eu\b/)]);
  await acknowledge(id, 'applied', [{ id: `api:${api}`, state: 'applied' }]);
  const told = (await page(first)).gateways?.find(({ instance_name: name }) => name === 'kong-eu');
  expect(told).toMatchObject({
    state: 'applied_with_warnings',
    phase: 'render',
    reason: expect.stringMatching(/^The deployment second of the same API holds here/),
  });
  expect((await page(second)).gateways).toMatchObject([{ state: 'applied' }]);
  // A Gateway does not care for public paths.
  const edge = (await page(first)).gateways?.find(({ instance_name: name }) => name === 'edge-eu');
  expect(edge).not.toHaveProperty('reason');
  const listed = (await plane.request<DeploymentList>('GET', `/v1/deployments?api_id=${api}`)).body.items;
  expect(listed.map(({ name, state }) => [name, state])).toContainEqual(['second', 'applied']);

  // A pin comes first, though it is older.
  await plane.request('PATCH', `/v1/deployments/${first.deployment_id}`, { body: { revision: 1 } });
  expect((await page(second)).gateways).toMatchObject([{ reason: expect.stringContaining('The deployment first of the same API holds here') }]);
});

it('The refusal to deploy to the same targets again names the way to change what is there, and none that leads to two', async () => {
  const api = await createApi('again');
  const { deployment_id: id } = await deploy('again', api, { environments: ['staging'] });
  const body = { api_id: api, targets: { environments: ['staging'] }, public_path: { prefix: '/again' } };
  const { detail } = (await plane.request<{ detail: string }>('POST', '/v1/deployments', { body })).body;
  expect(detail).toContain(`PATCH /v1/deployments/${id}`);
  expect(detail).toContain('public_path');
  expect(detail).not.toContain('name other targets');
});
