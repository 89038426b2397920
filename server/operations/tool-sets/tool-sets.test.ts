import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, Consumer, Subscription, ToolSet, ToolSetItem, ToolSetList } from '@stoa/generated/schemas.ts';
import { documentOf, makerIn, nowhere } from '../../testing/catalog.ts';
import type { Refused } from '../../testing/catalog.ts';
import { asGateway } from '../../testing/gateways.ts';
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

const path = '/v1/tool-sets';
const features = ['mcp', 'subscriptions', 'plans', 'mcp_servers', 'tool_sets'];
const anApi = (): Promise<Api> => {
  const paths = {
    '/orders': {
      get: {
        operationId: 'listOrders',
        summary: 'Lists orders',
        parameters: [
          { name: 'status', in: 'query', required: true, schema: { type: 'string' } },
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
        ],
        responses: { '200': { description: 'Orders' } },
      },
    },
  };
  return make.api({ document: { ...documentOf(), paths } });
};
const bodyOf = (api: Pick<Api, 'name'>, tool: object = {}, more: object = {}) => ({
  name: make.nextName('set'),
  tools: [{ api: api.name, operation: 'listOrders', ...tool }],
  ...more,
});
const create = (body: object) => make.post<ToolSet & Refused>(path, body);
const replace = (id: string, body: object) => plane.request<ToolSet & Refused>('PUT', `${path}/${id}`, { body });
const read = async (id: string) => (await plane.request<ToolSet>('GET', `${path}/${id}`)).body;

describe('tool sets', () => {
  it('are made, shown with what they cost, listed, replaced and deleted', async () => {
    const api = await anApi();
    const { status, body } = await create(
      bodyOf(api, { name: 'open_orders', arguments: { status: { value: 'open' } } }, { token_budget: 5, labels: { of: 'support' } }),
    );
    expect({ status, body }).toMatchObject({ status: 201, body: { revision: 1, tools: [{ api: api.name, api_id: api.api_id }] } });
    const { tool_set_id: id, name } = body;
    const shown = await read(id);
    expect(shown.list_tokens).toBeGreaterThan(5);
    expect(shown.warnings).toContain(`Its list takes about ${shown.list_tokens} tokens, and its budget is 5.`);
    const listed = (await plane.request<ToolSetList>('GET', `${path}?search=${name}&label=of%3Dsupport`)).body.items;
    expect(listed).toMatchObject([{ tool_set_id: id }]);
    const same = await replace(id, { ...bodyOf(api, { name: 'open_orders', arguments: { status: { value: 'open' } } }), name, token_budget: 5 });
    expect(same.body).toMatchObject({ revision: 1, updated_at: body.updated_at });
    expect((await replace(id, { ...bodyOf(api), name })).body).toMatchObject({ revision: 2, labels: { of: 'support' } });
    expect((await plane.request('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await plane.request('GET', `${path}/${id}`)).status).toBe(404);
    expect((await plane.request('GET', `${path}/${nowhere}`)).status).toBe(404);
  });

  it('are refused with the place of what is wrong', async () => {
    const api = await anApi();
    const wrong: [tool: object, status: number, pointer: string][] = [
      [{ tool: 'close' }, 400, '/body/tools/0'],
      [{ api: 'no-such-api' }, 422, '/body/tools/0/api'],
      [{ operation: 'noSuchOperation' }, 422, '/body/tools/0/operation'],
      [{ arguments: { status: { hidden: true } } }, 422, '/body/tools/0'],
      [{ arguments: { nothing: { value: 1 } } }, 422, '/body/tools/0'],
      [{ arguments: { status: { value: 'open' } }, examples: [{ status: 'open' }] }, 422, '/body/tools/0'],
      [{ arguments: { status: { value: 'open', hidden: true } } }, 400, '/body/tools/0/arguments/status'],
      [{ name: 'with space' }, 400, '/body/tools/0/name'],
    ];
    for (const [tool, status, pointer] of wrong)
      expect(await create(bodyOf(api, tool)), JSON.stringify(tool)).toMatchObject({
        status,
        body: { errors: [expect.objectContaining({ pointer }) as object] },
      });
    const twice = bodyOf(api);
    expect((await create({ ...twice, tools: [...twice.tools, ...twice.tools] })).body.errors).toMatchObject([{ pointer: '/body/tools/1/name' }]);
  });

  it('reach a gateway that serves what they hold and knows the kind, with who is subscribed, and go with it', async () => {
    const api = await anApi();
    const set = (await create(bodyOf(api))).body;
    const consumer = (await make.post<Consumer>('/v1/consumers', { name: make.nextName('consumer') })).body;
    const subscription = await make.post<Subscription & Refused>('/v1/subscriptions', { tool_set_name: set.name, consumer_id: consumer.consumer_id });
    expect(subscription).toMatchObject({ status: 201, body: { tool_set_id: set.tool_set_id, tool_set_name: set.name } });
    const enroll = async (more: object = {}) => (await gateways.register(make.nextName('gateway'), { features, ...more })).body.gateway_id;
    const [gateway, old] = [await enroll(), await enroll({ features: features.slice(0, -1) })];
    const given = async (id: string) =>
      (await gateways.items(id)).filter(({ kind }) => kind === 'tool_set' || kind === 'tool_set_subscription').map(({ kind }) => kind);
    expect(await given(gateway)).toEqual([]);
    await make.post('/v1/deployments', { api_id: api.api_id, targets: { environments: ['production'] } });
    expect(await given(gateway)).toEqual(['tool_set_subscription', 'tool_set']);
    expect(await given(old)).toEqual([]);
    expect((await read(set.tool_set_id)).warnings).toContainEqual(expect.stringContaining('the runtime is too old'));
    const item = (await gateways.items(gateway)).find((each): each is ToolSetItem => each.kind === 'tool_set');
    expect(item?.tools).toEqual([{ api_id: api.api_id, operation: 'listOrders' }]);
    await plane.request('DELETE', `/v1/apis/${api.api_id}`);
    expect(await given(gateway)).toEqual([]);
    expect((await read(set.tool_set_id)).warnings).toContainEqual(expect.stringContaining('is not served'));
  });
});
