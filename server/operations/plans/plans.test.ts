import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, Deployment, GatewayConfig, Plan, PlanList, Policy, Subscription, SubscriptionList } from '@stoa/generated/schemas.ts';
import management from '@stoa/generated/management.openapi.json' with { type: 'json' };
import { makerIn, nowhere, perMinute } from '../../testing/catalog.ts';
import type { Refused } from '../../testing/catalog.ts';
import { asGateway } from '../../testing/gateways.ts';
import { expectGuarded, foreignTenant, revisionOf } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

const knowing = ['mcp', 'subscriptions', 'plans'];
let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let make: ReturnType<typeof makerIn>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  make = makerIn(plane);
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());

const createPlan = (more: object = {}) => make.post<Plan>('/v1/plans', { name: make.nextName('plan'), ...more });
const edit = (id: string, body: object, query = '') => plane.request<Plan & Refused>('PATCH', `/v1/plans/${id}${query}`, { body });
const subscribe = (body: object) => make.post<Subscription>('/v1/subscriptions', body);

describe('plans', () => {
  it('are made of APIs and limits, shown, listed by name and label, edited, and deleted with their subscriptions', async () => {
    const [api, other, policy] = [await make.api(), await make.api(), await make.policy()];
    const parts = { api_ids: [api.api_id, api.api_id.toUpperCase()], policy_ids: [policy.policy_id] };
    const made = await createPlan({ ...parts, description: 'Five a minute', labels: { tier: 'gold' } });
    expect(made).toMatchObject({
      status: 201,
      body: { description: 'Five a minute', api_ids: [api.api_id], policy_ids: [policy.policy_id], labels: { tier: 'gold' } },
    });
    const { plan_id: id, name } = made.body;
    expect((await plane.request('GET', `/v1/plans/${id}`)).body).toEqual({ ...made.body, state: 'unmatched' });
    const list = async (query: string) => (await plane.request<PlanList>('GET', `/v1/plans?${query}`)).body.items.map((plan) => plan.plan_id);
    const empty = (await createPlan()).body;
    expect(empty.warnings).toEqual([expect.stringContaining('no API')]);
    expect(await Promise.all([list('label=tier%3Dgold'), list(`search=${name}`), list('')])).toEqual([[id], [id], [id, empty.plan_id]]);
    const edited = await edit(id, { api_ids: [other.api_id], policy_ids: [], description: null });
    expect(edited.body).toMatchObject({ name, api_ids: [other.api_id], policy_ids: [], labels: { tier: 'gold' } });
    expect(edited.body).not.toHaveProperty('description');
    const { body } = await subscribe({ plan_name: name, consumer_name: (await make.consumer()).name });
    expect((await plane.request('DELETE', `/v1/plans/${id}`)).status).toBe(204);
    for (const path of [`/v1/plans/${id}`, `/v1/subscriptions/${body.subscription_id}`]) expect((await plane.request('GET', path)).status).toBe(404);
  });

  it('take each member of an edit by itself, and keep the others', async () => {
    const [api, policy] = [await make.api(), await make.policy()];
    const each = { name: make.nextName('plan'), description: 'Six', labels: { tier: 'tin' }, api_ids: [api.api_id], policy_ids: [policy.policy_id] };
    expect(Object.keys(each).sort()).toEqual(Object.keys(management.components.schemas.PlanPatch.properties).sort());
    const { plan_id: id } = (await createPlan()).body;
    const read = async () => (await plane.request<Plan>('GET', `/v1/plans/${id}`)).body;
    for (const [member, value] of Object.entries(each)) {
      const { updated_at: _at, warnings: _warnings, ...before } = await read();
      await edit(id, { [member]: value });
      expect(await read()).toMatchObject({ ...before, [member]: value });
      const { updated_at: at } = await read();
      await edit(id, { [member]: value });
      expect((await read()).updated_at).toBe(at);
    }
  });

  it('say in a dry run what would come of it, with the same faults, and make nothing', async () => {
    const before = (await plane.request<PlanList>('GET', '/v1/plans')).body;
    const { body } = await createPlan();
    const dry = await make.post<Plan>('/v1/plans?dry_run=true', { name: 'rehearsed', description: 'Nothing' });
    expect(dry).toMatchObject({ status: 201, body: { name: 'rehearsed' } });
    expect(await edit(body.plan_id, { description: 'x' }, '?dry_run=true')).toMatchObject({ status: 200, body: { description: 'x' } });
    expect((await make.post('/v1/plans?dry_run=true', { name: body.name })).status).toBe(409);
    const { state: _state, ...kept } = (await plane.request<Plan>('GET', `/v1/plans/${body.plan_id}`)).body;
    expect(kept).toEqual(body);
    expect((await plane.request<PlanList>('GET', '/v1/plans')).body.items).toHaveLength(before.items.length + 1);
  });

  it('are refused with every fault, at its place, and the remedy', async () => {
    const [keys, foreign] = [await make.policy({ kind: 'api_key_auth', config: { header: 'X-Key' } }), await foreignTenant(plane)];
    const stranger = await plane.store.prisma.policy.create({ data: { tenant_id: foreign, name: 'x', kind: 'quota', config: {} } });
    expect(await createPlan({ api_ids: [nowhere], policy_ids: [keys.policy_id, stranger.id] })).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/body/api_ids/0', message: 'there is no such API' },
          {
            pointer: '/body/policy_ids/0',
            message: expect.stringMatching(/of the kind api_key_auth.* only rate_limit and quota.*attach it to the APIs/),
          },
          { pointer: '/body/policy_ids/1', message: 'there is no such policy' },
        ],
      },
    });
    const { body } = await createPlan();
    expect(await createPlan({ name: body.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    expect(await edit((await createPlan()).body.plan_id, { name: body.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    for (const faulty of [{ name: 'No Slug' }, { name: 'x', unknown: 1 }, { name: 'x', api_ids: ['x'] }, {}])
      expect((await make.post('/v1/plans', faulty)).status).toBe(400);
  });

  it('keep their policies: one that is part of a plan is neither deleted nor made to another kind', async () => {
    const policy = await make.policy();
    const { body } = await createPlan({ policy_ids: [policy.policy_id] });
    const path = `/v1/policies/${policy.policy_id}`;
    const named = expect.stringContaining(`the plan ${body.name}`);
    expect(await plane.request('DELETE', path)).toMatchObject({ status: 409, body: { code: 'part_of_a_plan', detail: named } });
    const other = { name: policy.name, policy: { kind: 'cors', config: { allow_origins: ['*'] } }, attached_to: [] };
    expect(await plane.request('PUT', path, { body: other })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/policy/kind', message: named }] },
    });
    expect((await plane.request('PUT', path, { body: { ...other, policy: { kind: 'quota', config: { limit: 1, period: 'day' } } } })).status).toBe(
      200,
    );
    await plane.request('DELETE', `/v1/plans/${body.plan_id}`);
    expect((await plane.request('DELETE', path)).status).toBe(204);
  });

  it('are subscribed to by id or name, once, and such subscriptions are listed by plan', async () => {
    const [plan, other, { api_id }, alice] = [(await createPlan()).body, (await createPlan()).body, await make.api(), await make.consumer()];
    const before = await revisionOf(plane);
    const { status, body } = await subscribe({ plan_id: plan.plan_id, consumer_id: alice.consumer_id });
    expect([status, await revisionOf(plane)]).toEqual([201, before + 1n]);
    expect(body).toEqual({
      subscription_id: expect.any(String),
      created_by: expect.objectContaining({ kind: 'token' }),
      plan_id: plan.plan_id,
      plan_name: plan.name,
      consumer_id: alice.consumer_id,
      consumer_name: alice.name,
      created_at: expect.any(String),
    });
    const found = async (query: string) => (await plane.request<SubscriptionList>('GET', `/v1/subscriptions?${query}`)).body.items;
    expect(await Promise.all([found(`plan_id=${plan.plan_id}`), found(`search=${plan.name}`)])).toEqual([[body], [body]]);
    expect(await subscribe({ plan_name: plan.name, consumer_name: alice.name })).toMatchObject({ status: 409, body: { code: 'already_subscribed' } });
    expect(await subscribe({ plan_name: 'none', consumer_name: alice.name })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/plan_name', message: 'there is no such plan' }] },
    });
    for (const [offer, message] of [
      [{}, /plan_id, plan_name, mcp_server_id, mcp_server_name, tool_set_id or tool_set_name/],
      [{ api_id, plan_id: other.plan_id }, /together with plan_id.*one API, one plan, one MCP server or one tool set/],
      [{ plan_id: other.plan_id, plan_name: other.name }, /together with plan_name/],
    ] as const)
      expect(await subscribe({ ...offer, consumer_id: alice.consumer_id })).toMatchObject({
        status: 400,
        body: { errors: [{ message: expect.stringMatching(message) }] },
      });
  });

  it('are for those who have the right alone, and those of another tenant do not exist', async () => {
    await expectGuarded(plane, [
      { method: 'GET', path: '/v1/plans' },
      { method: 'POST', path: '/v1/plans', body: { name: 'x' } },
      { method: 'GET', path: `/v1/plans/${nowhere}` },
      { method: 'PATCH', path: `/v1/plans/${nowhere}`, body: {} },
      { method: 'DELETE', path: `/v1/plans/${nowhere}` },
    ]);
    const foreign = await plane.store.prisma.plan.create({ data: { tenant_id: await foreignTenant(plane), name: 'foreign' } });
    expect(await edit(foreign.id, {})).toMatchObject({ status: 404 });
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/plans/${foreign.id}`)).status).toBe(404);
    const { name } = await make.consumer();
    expect((await subscribe({ plan_id: foreign.id, consumer_name: name })).status).toBe(422);
  });
});

describe('in the configuration', () => {
  const planItem = ({ plan_id, name }: Plan, apis: Api[], ...policies: Policy[]) => ({
    id: `plan:${plan_id}`,
    kind: 'plan',
    plan_id,
    name,
    api_ids: apis.map(({ api_id }) => api_id).sort(),
    policies: policies.map(({ policy_id, name: called, policy }) => ({ policy_id, name: called, policy })),
  });

  it('a plan and its subscriptions are items of their own, with the APIs that are there and its policies as they are', async () => {
    const [here, there, open, limit, { consumer_id }] = [
      await make.api(),
      await make.api(),
      await make.api({ open_to_all_consumers: true }),
      await make.policy(),
      await make.consumer(),
    ];
    const { gateway_id } = (await gateways.register('knows', { environment: 'knows', features: knowing })).body;
    for (const api of [here, open]) await make.deployment(api, { environments: ['knows'] });
    const plan = (await createPlan({ api_ids: [here, there, open].map(({ api_id }) => api_id), policy_ids: [limit.policy_id] })).body;
    const { subscription_id } = (await subscribe({ plan_id: plan.plan_id, consumer_id })).body;
    const ofPlans = async () => (await gateways.items(gateway_id)).filter(({ kind }) => kind === 'plan' || kind === 'plan_subscription');
    const subscription = { id: `subscription:${subscription_id}`, kind: 'plan_subscription', subscription_id, plan_id: plan.plan_id, consumer_id };
    expect(await ofPlans()).toEqual([planItem(plan, [here, open], limit), subscription]);
    const stricter = { ...limit, policy: perMinute(1) };
    await plane.request('PUT', `/v1/policies/${limit.policy_id}`, { body: { name: limit.name, policy: stricter.policy, attached_to: [] } });
    expect(await ofPlans()).toEqual([planItem(plan, [here, open], stricter), subscription]);
    await edit(plan.plan_id, { api_ids: [there.api_id] });
    expect(await ofPlans()).toEqual([]);
    await make.deployment(there, { environments: ['knows'] });
    expect(await ofPlans()).toEqual([planItem(plan, [there], stricter), subscription]);
    await plane.request('DELETE', `/v1/plans/${plan.plan_id}`);
    expect(await ofPlans()).toEqual([]);
  });

  it('and how they fare is said of the plan and of its policies', async () => {
    const [api, limit] = [await make.api(), await make.policy()];
    const plan = (await createPlan({ api_ids: [api.api_id], policy_ids: [limit.policy_id] })).body;
    const states = async () => [
      (await plane.request<Plan>('GET', `/v1/plans/${plan.plan_id}`)).body.state,
      (await plane.request<Policy>('GET', `/v1/policies/${limit.policy_id}`)).body.state,
    ];
    expect(await states()).toEqual(['unmatched', 'unmatched']);
    const { gateway_id } = (await gateways.register('fares', { environment: 'fares', features: knowing })).body;
    await make.deployment(api, { environments: ['fares'] });
    const { generation, hash, items } = (await gateways.config<GatewayConfig>(gateway_id)).body;
    expect(await states()).toEqual(['pending', 'pending']);
    const said = items.map(({ id }) => ({
      id,
      ...(id === `plan:${plan.plan_id}` ? { state: 'rejected', phase: 'render', reason: 'because' } : { state: 'applied' }),
    }));
    await gateways.ack(gateway_id, { generation, hash, state: 'applied_with_warnings', items: said });
    expect(await states()).toEqual(['rejected', 'rejected']);
  });

  it('none of the APIs of a plan is given to a runtime that does not hold plans, with the reason on their deployments', async () => {
    const [api, { consumer_id }] = [await make.api({ open_to_all_consumers: true }), await make.consumer()];
    const old = { environment: 'old', features: ['mcp', 'subscriptions'] };
    const { gateway_id } = (await gateways.register('outdated', old)).body;
    const { deployment_id } = await make.deployment(api, { environments: ['old'] });
    const kinds = async () => [...new Set((await gateways.items(gateway_id)).map(({ kind }) => kind))];
    expect(await kinds()).toEqual(['api', 'consumer']);
    const plan = (await createPlan({ api_ids: [api.api_id] })).body;
    await subscribe({ plan_id: plan.plan_id, consumer_id });
    expect(await kinds()).toEqual([]);
    const there = async () => (await plane.request<Deployment>('GET', `/v1/deployments/${deployment_id}`)).body.gateways?.[0];
    expect(await there()).toMatchObject({
      state: 'rejected',
      phase: 'render',
      reason: expect.stringMatching(/runtime is too old.*limits of plans.*Update/),
    });
    await gateways.register('outdated', { ...old, features: knowing });
    expect(await kinds()).toEqual(['api', 'consumer', 'plan', 'plan_subscription']);
    expect(await there()).toMatchObject({ state: 'pending' });
  });
});
