import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Policy, PolicyList, PolicySpec } from '@stoa/generated/schemas.ts';
import { expectGuarded, foreignTenant, revisionOf } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

const nowhere = '00000000-0000-4000-8000-000000000000';
const limit = { kind: 'rate_limit', config: { limit: 100, window_s: 60 } };
type Problem = { code?: string; errors?: { pointer: string; message: string }[] };

let plane: TestControlPlane;
let apiId: string;
let names = 0;
const nextName = () => `policy-${(names += 1)}`;
const create = (body: object) =>
  plane.request<Policy & Problem>('POST', '/v1/policies', { body: { name: nextName(), policy: limit, attached_to: [], ...body } });

beforeAll(async () => {
  plane = await startTestControlPlane();
  const document = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
  apiId = (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { document } })).body.api_id;
});
afterAll(() => plane.close());

describe('createPolicy', () => {
  const sound: PolicySpec[] = [
    { kind: 'rate_limit', config: { limit: 100, window_s: 60 } },
    { kind: 'quota', config: { limit: 1000, period: 'month' } },
    { kind: 'cors', config: { allow_origins: ['*'], max_age_s: 600 } },
    { kind: 'cors', config: { allow_origins: ['https://app.example.com', 'http://localhost:3000'], allow_credentials: true } },
    { kind: 'api_key_auth', config: { header: 'X-API-Key' } },
    { kind: 'request_size_limit', config: { max_bytes: 1024 } },
    { kind: 'ip_restriction', config: { allow: ['10.0.0.0/8', '2001:db8::/32'], deny: ['10.1.2.3', '::1'] } },
    { kind: 'headers', config: { request: { set: { 'X-Channel': 'agents' } }, response: { remove: ['Server'] } } },
    { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { resource.read_only };' } },
    {
      kind: 'time_window',
      config: { days: ['mon'], hours: [{ from: '22:00', to: '24:00' }], time_zone: 'Europe/Paris', not_before: '2026-01-01T00:00:00Z' },
    },
    {
      kind: 'guardrails',
      config: {
        request: { max_depth: 9, patterns: [{ name: 'code', pattern: 'a+', action: 'mask' }] },
        response: { detectors: [{ detector: 'iban', action: 'report' }] },
      },
    },
    { kind: 'rate_limit', config: { limit: 10, window_s: 1, algorithm: 'token_bucket', burst: 30, limit_by: 'tool' } },
    { kind: 'quota', config: { limit: 1_000_000, period: 'day', unit: 'bytes', limit_by: 'api' } },
    { kind: 'circuit_breaker', config: { failure_rate_percent: 20, minimum_calls: 5, window_s: 10, open_s: 5, failure_statuses: [503] } },
    { kind: 'concurrency_limit', config: { max_concurrent_calls: 20 } },
    { kind: 'retry', config: { max_retries: 2, statuses: [503], budget_percent: 5, base_interval_ms: 20, max_interval_ms: 200 } },
    { kind: 'approval', config: { operations: ['anything'], wait_s: 600, valid_s: 60 } },
    { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['orders'], scopes: ['orders:read'] } },
    { kind: 'ip_restriction', config: { allow: ['10.0.0.0/8', '2001:db8::/32'], deny: ['10.1.2.3', '::1'] } },
  ];

  it.each(sound.map((policy) => [policy.kind, policy] as const))('defines %s, attached to an API and an environment', async (_kind, policy) => {
    const before = await revisionOf(plane);
    const attached_to = [{ api_id: apiId }, { environment: 'production' }, { environment: 'production' }];
    const { status, body } = await create({ policy, attached_to });
    expect(status).toBe(201);
    expect(body.policy).toEqual(policy);
    expect(body.attached_to).toHaveLength(2);
    expect(body.attached_to).toEqual(expect.arrayContaining([{ api_id: apiId }, { environment: 'production' }]));
    expect(await revisionOf(plane)).toBe(before + 1n);
    expect((await plane.request('GET', `/v1/policies/${body.policy_id}`)).body).toEqual({ ...body, state: 'unmatched' });
  });

  it('answers 400 to a kind or a configuration that the contract does not know', async () => {
    expect((await create({ policy: { kind: 'unknown', config: {} } })).status).toBe(400);
    expect((await create({ policy: { kind: 'rate_limit', config: { limit: 0, window_s: 60 } } })).status).toBe(400);
    expect((await create({ attached_to: [{}] })).status).toBe(400);
    expect((await create({ policy: { kind: 'jwt_auth', config: { issuer: 'https://a\0', audience: ['a'] } } })).status).toBe(400);
  });

  it('answers 409 to a name that is taken', async () => {
    const { body } = await create({});
    expect(await create({ name: body.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
  });

  it.each<[string, object, string[]]>([
    ['the origin * with credentials', { kind: 'cors', config: { allow_origins: ['*'], allow_credentials: true } }, ['/allow_credentials']],
    [
      'the origin * beside others and origins with paths',
      { kind: 'cors', config: { allow_origins: ['*', 'https://a.example.com/'], allow_headers: ['a b'] } },
      ['/allow_origins/1', '/allow_origins', '/allow_headers/0'],
    ],
    [
      'addresses that are none',
      { kind: 'ip_restriction', config: { allow: ['10.0.0.0/33', '10.0.0.0/8', 'host', '10.0.0.1/8/1', 'fe80::1%eth0'], deny: [] } },
      ['/allow/0', '/allow/2', '/allow/3', '/allow/4', '/deny'],
    ],
    [
      'times that are none',
      {
        kind: 'time_window',
        config: {
          hours: [{ from: '08:00', to: '08:00' }],
          time_zone: '+01:00',
          not_before: '2026-01-02T00:00:00Z',
          not_after: '2026-01-01T00:00:00Z',
        },
      },
      ['/hours/0/to', '/time_zone', '/not_after'],
    ],
    [
      'patterns that cannot be matched, match everything or have the same name, and a kind that is there twice',
      {
        kind: 'guardrails',
        config: {
          request: { patterns: ['(?=a)', 'a*', 'a'].map((pattern, at) => ({ name: at === 0 ? 'a' : 'b', pattern, action: 'mask' })) },
          response: { detectors: ['iban', 'iban'].map((detector) => ({ detector, action: 'mask' })) },
        },
      },
      ['/request/patterns/0/pattern', '/request/patterns/1/pattern', '/request/patterns/2/name', '/response/detectors/1'],
    ],
    ['a burst of windows', { kind: 'rate_limit', config: { limit: 1, window_s: 1, burst: 5 } }, ['/burst']],
    ['a longest pause below the first', { kind: 'retry', config: { max_retries: 1, base_interval_ms: 2000 } }, ['/max_interval_ms']],
    ['a zone that nobody knows', { kind: 'time_window', config: { time_zone: 'Europe/Atlantis' } }, ['/time_zone']],
    ['an issuer without keys', { kind: 'jwt_auth', config: { issuer: 'urn:me', audience: ['a'] } }, ['/issuer']],
    [
      'keys at no address',
      { kind: 'jwt_auth', config: { issuer: 'urn:me', audience: ['a'], jwks_uri: 'https://user:secret@id.example.com' } },
      ['/jwks_uri'],
    ],
    [
      'headers that split a message',
      { kind: 'headers', config: { request: { set: { 'X-A': 'a\r\nX-B: b', Host: 'x', 'b c': '' }, remove: ['x-a'] } } },
      ['/request/set', '/request/remove', '/request/set', '/request/set'],
    ],
    [
      'headers that the gateway alone says',
      { kind: 'headers', config: { request: { set: { 'X-Stoa-Consumer': 'ceo', x_request_id: '1' }, remove: ['Traceparent'] } } },
      ['/request/set', '/request/set', '/request/remove/0'],
    ],
    ['a key in a header of the connection', { kind: 'api_key_auth', config: { header: 'Host' } }, ['/header']],
    ['Cedar text that does not parse', { kind: 'tool_access', config: { cedar: 'permit(principal' } }, ['/cedar']],
    ['Cedar text that holds nothing', { kind: 'tool_access', config: { cedar: '// nothing' } }, ['/cedar']],
    [
      'Cedar text that reads what nobody gives it',
      { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { context.args.amount > 5 };' } },
      ['/cedar'],
    ],
    [
      'Cedar text of an unknown kind of principal',
      { kind: 'tool_access', config: { cedar: 'permit(principal == User::"ann", action, resource);' } },
      ['/cedar'],
    ],
    [
      'Cedar text that compares a truth value to a text',
      { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { resource.read_only == "yes" && resource.read_only };' } },
      ['/cedar'],
    ],
    [
      'Cedar text that takes a label for a number',
      { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { principal.labels.level > 5 };' } },
      ['/cedar'],
    ],
    ['a Cedar template', { kind: 'tool_access', config: { cedar: 'permit(principal == ?principal, action, resource);' } }, ['/cedar']],
  ])('answers 422 to %s', async (_what, policy, pointers) => {
    const { status, body } = await create({ policy });
    expect(status).toBe(422);
    expect(body.errors?.map((error) => error.pointer).toSorted()).toEqual(pointers.map((pointer) => `/body/policy/config${pointer}`).toSorted());
  });

  it('answers 422 where calls are to wait that none of its APIs has, by either of their names', async () => {
    const operation = (operationId: string) => ({ operationId, responses: { '200': { description: 'It.' } } });
    const document = {
      ...{ openapi: '3.1.0', info: { title: 'Orders', version: '1' }, servers: [{ url: 'https://api.example.com' }] },
      paths: { '/orders': { get: operation('list'), delete: operation('clear') } },
    };
    const { body: api } = await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: 'waiting', document } });
    const wait = (...operations: string[]) =>
      create({ policy: { kind: 'approval', config: { operations } }, attached_to: [{ api_id: apiId }, { api_id: api.api_id }] });
    expect((await wait('clear', 'waiting_list')).status).toBe(201);
    const { status, body } = await wait('clear', 'claer');
    expect([status, body.errors?.map((error) => error.pointer)]).toEqual([422, ['/body/policy/config/operations/1']]);
  });

  it('answers 422 to an attachment to an API that the tenant does not have', async () => {
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
      },
    });
    const { status, body } = await create({ attached_to: [{ api_id: apiId }, { api_id: nowhere }, { api_id: foreign.id }] });
    expect(status).toBe(422);
    expect(body.errors?.map((error) => error.pointer)).toEqual(['/body/attached_to/1/api_id', '/body/attached_to/2/api_id']);
  });
});

describe('updatePolicy', () => {
  const update = (id: string, body: object) =>
    plane.request<Policy & Problem>('PUT', `/v1/policies/${id}`, { body: { name: nextName(), policy: limit, attached_to: [], ...body } });

  it('replaces policy and attachments', async () => {
    const { body } = await create({ attached_to: [{ api_id: apiId }] });
    const before = await revisionOf(plane);
    const updated = await update(body.policy_id, {
      name: body.name,
      policy: { kind: 'quota', config: { limit: 5, period: 'day' } },
      attached_to: [{ environment: 'test' }],
    });
    expect(updated).toMatchObject({
      status: 200,
      body: {
        policy_id: body.policy_id,
        name: body.name,
        policy: { kind: 'quota' },
        attached_to: [{ environment: 'test' }],
        created_at: body.created_at,
      },
    });
    expect(await revisionOf(plane)).toBe(before + 1n);
  });

  it('answers 404, 409 and 422 and changes nothing', async () => {
    const [one, two] = [await create({}), await create({})];
    expect((await update(nowhere, {})).status).toBe(404);
    expect((await update(one.body.policy_id, { name: two.body.name })).status).toBe(409);
    expect((await update(one.body.policy_id, { attached_to: [{ api_id: nowhere }] })).status).toBe(422);
    expect((await update(one.body.policy_id, { policy: { kind: 'cors', config: { allow_origins: ['x'] } } })).status).toBe(422);
    expect((await update(one.body.policy_id, { name: 'No Slug' })).status).toBe(400);
    expect((await plane.request('GET', `/v1/policies/${one.body.policy_id}`)).body).toEqual({ ...one.body, state: 'unattached' });
  });
});

describe('listPolicies, getPolicy and deletePolicy', () => {
  it('page, show and delete', async () => {
    const { body } = await create({});
    const { body: page } = await plane.request<PolicyList>('GET', '/v1/policies?limit=1');
    expect(page.items).toHaveLength(1);
    const rest = await plane.request<PolicyList>('GET', `/v1/policies?limit=500&cursor=${page.next_cursor}`);
    expect(rest.body.items.at(-1)).toEqual({ ...body, state: 'unattached' });
    expect(rest.body.next_cursor).toBeNull();
    const before = await revisionOf(plane);
    expect((await plane.request('DELETE', `/v1/policies/${body.policy_id}`)).status).toBe(204);
    expect(await revisionOf(plane)).toBe(before + 1n);
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/policies/${body.policy_id}`)).status).toBe(404);
    for (const path of ['/v1/policies?limit=501', '/v1/policies/none']) expect((await plane.request('GET', path)).status).toBe(400);
  });

  it('answer 404 to a policy of another tenant', async () => {
    const foreign = await plane.store.prisma.policy.create({
      data: { tenant_id: await foreignTenant(plane), name: 'x', kind: 'rate_limit', config: {} },
    });
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/policies/${foreign.id}`)).status).toBe(404);
    expect((await plane.request('PUT', `/v1/policies/${foreign.id}`, { body: { name: 'x', policy: limit, attached_to: [] } })).status).toBe(404);
  });
});

it('every operation on policies is for operators, writing for administrators', async () => {
  const body = { name: 'x', policy: limit, attached_to: [] };
  await expectGuarded(plane, [
    { method: 'GET', path: '/v1/policies' },
    { method: 'POST', path: '/v1/policies', body },
    { method: 'GET', path: `/v1/policies/${nowhere}` },
    { method: 'PUT', path: `/v1/policies/${nowhere}`, body },
    { method: 'DELETE', path: `/v1/policies/${nowhere}` },
  ]);
});
