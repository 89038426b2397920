import { createDesiredStates } from '@stoa/control-plane-client/testing/desired-state.ts';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { describe, expect, it } from 'vitest';
import { apiItem, compile, configOf, createCompile, consumerItem, createOrder, getOrder, policyItem } from '../testing/fixtures.ts';
import { createSnapshotCompiler } from './snapshot.ts';

const withSchema = (name: string, schema: Record<string, unknown>) => {
  const operation = getOrder({ operation_id: name });
  return { ...operation, tool: { ...operation.tool, name, input_schema: schema } };
};

describe('compiling a snapshot', () => {
  it('an empty configuration is valid and applied', () => {
    const { snapshot, items, state } = compile(configOf());
    expect([snapshot.tools.size, items, state]).toEqual([0, [], 'applied']);
  });

  it('has nothing to say of what is plainly applied', () => {
    const api = apiItem();
    const { item } = consumerItem();
    const policy = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 1 } }, [api]);
    const { items, state } = compile(configOf(policy, item, api));
    expect([items, state]).toEqual([[], 'applied']);
  });

  it('keeps the compiled API where neither it nor its policies changed', () => {
    const api = apiItem();
    const policy = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 1 } }, [api]);
    const next = createCompile();
    const { snapshot } = next(configOf(api, policy));
    const kept = next(structuredClone(configOf(api, policy))).snapshot;
    const changed = next(configOf(api)).snapshot;
    expect(kept.apis.get(api.api_id)).toBe(snapshot.apis.get(api.api_id));
    expect(changed.apis.get(api.api_id)?.policies.limits).toEqual([]);
  });
});

describe('lesson 34: one bad part does not empty the list', () => {
  it.each([
    ['a reference that leads nowhere', { type: 'object', properties: { a: { $ref: '#/$defs/None' } } }, 'refers to #/$defs/None, which is not in it'],
    ['a type that is none', { type: 'object', properties: { a: { type: 'text' } } }, 'is not JSON Schema 2020-12: /properties/a/type must be'],
    ['no object', { type: 'string' }, 'does not describe an object'],
  ])('leaves out a tool whose schema has %s', (_what, schema, reason) => {
    const { snapshot, items, state } = compile(configOf(apiItem({ operations: [getOrder(), withSchema('bad', schema)] })));
    expect([...snapshot.tools.keys()]).toEqual(['orders_getOrder']);
    expect(items[0]).toMatchObject({
      state: 'applied_with_warnings',
      phase: 'render',
      reason: expect.stringContaining(`The tool bad is not served: its input schema ${reason}`),
    });
    expect(state).toBe('applied_with_warnings');
  });

  it('validates schemas with cycles, unknown formats and patterns in the older dialect', () => {
    const schema = {
      type: 'object',
      properties: { node: { $ref: '#/$defs/Node' }, slug: { type: 'string', pattern: '^[\\w\\-]+$', format: 'made-up' } },
      $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, value: { type: 'integer' } } } },
    };
    const { snapshot } = compile(configOf(apiItem({ operations: [withSchema('tree', schema)] })));
    const tool = snapshot.tools.get('tree');
    expect(tool?.validate({ node: { next: { next: { value: 1 } } }, slug: 'a-b' })).toEqual([]);
    expect(tool?.validate({ node: { next: { next: { value: 'x' } } }, slug: 'a b' })).toEqual([
      { pointer: '/node/next/next/value', message: 'must be a whole number' },
      { pointer: '/slug', message: expect.stringContaining('must be of the form') },
    ]);
  });

  it('rejects an API that has no tool left, and serves the others', () => {
    const bad = apiItem({ name: 'bad', operations: [withSchema('bad', { type: 'string' })] });
    const { snapshot, items } = compile(configOf(bad, apiItem()));
    expect(items).toEqual([expect.objectContaining({ id: bad.id, state: 'rejected' })]);
    expect(snapshot.tools.size).toBe(1);
  });

  it.each(['ftp://x', 'nowhere', 'http://user:pw@x', 'http://x/?a=1'])('rejects an API whose upstream is %s', (url) => {
    expect(compile(configOf(apiItem({ url }))).items[0]).toMatchObject({
      state: 'rejected',
      reason: expect.stringContaining('upstream URL must'),
    });
  });

  it('gives a name that two APIs claim to the one whose id comes first', () => {
    const [first, second] = ['0', '1'].map((digit) => `${digit}b0c5d0e-1111-4222-8333-444455556666`) as [string, string];
    const [one, two] = [apiItem({ api_id: first, name: 'one', url: 'http://a/1' }), apiItem({ api_id: second, name: 'two', url: 'http://a/2' })];
    const { snapshot, items } = compile(configOf(two, one));
    expect(snapshot.tools.get('orders_getOrder')?.operation.api.name).toBe('one');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      id: two.id,
      state: 'applied_with_warnings',
      reason: 'The tool orders_getOrder is not served: the API one has one of the same name.',
    });
  });
});

describe('policies', () => {
  const cannot: PolicySpec[] = [
    { kind: 'ip_restriction', config: { allow: ['10.0.0.0/99'] } },
    { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['orders'], jwks_uri: 'https://id.example.com/keys' } },
    { kind: 'tool_access', config: { cedar: 'permit(principal' } },
    { kind: 'headers', config: { request: { set: { 'Transfer-Encoding': 'chunked' } } } },
    { kind: 'headers', config: { request: { set: { 'X-A': 'a\nb' } } } },
  ];

  it.each(cannot)('lesson 24: an API is not served with a policy attached that cannot be enforced: %j', (spec) => {
    const [api, other] = [apiItem(), apiItem({ name: 'other', operations: [createOrder()] })];
    const policy = policyItem(spec, [api], 'strict');
    const { snapshot, items } = compile(configOf(api, other, policy));
    expect(items.map(({ id, state }) => [id, state])).toEqual([api, policy].map(({ id }) => [id, 'rejected']));
    expect(items[0]).toMatchObject({ phase: 'render', reason: 'Not served, because a policy on it cannot be enforced: strict.' });
    expect(items[1]?.reason).toBeTruthy();
    expect([...snapshot.apis.keys()]).toEqual([other.api_id]);
  });

  it('a policy that comes to apply to another API too leaves the first as it is', () => {
    const [one, two] = [apiItem({ name: 'one' }), apiItem({ name: 'two', operations: [createOrder()] })];
    const policy = policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 1 } }, [one]);
    const next = createCompile();
    const { snapshot: before } = next(configOf(one, two, policy));
    const { snapshot: after } = next(configOf(one, two, { ...policy, api_ids: [one.api_id, two.api_id] }));
    expect(after.apis.get(one.api_id)).toBe(before.apis.get(one.api_id));
    expect(after.apis.get(two.api_id)).not.toBe(before.apis.get(two.api_id));
  });

  it.each<PolicySpec>([
    { kind: 'cors', config: { allow_origins: ['*'] } },
    { kind: 'headers', config: { response: { remove: ['Server'] } } },
    { kind: 'quota', config: { limit: 1, period: 'month' } },
  ])('says what has no effect, and serves: %j', (spec) => {
    const api = apiItem();
    const { snapshot, items } = compile(configOf(api, policyItem(spec, [api])));
    expect(items.map((item) => item.state)).toEqual(['applied_with_warnings']);
    expect(snapshot.apis.size).toBe(1);
  });

  it('says of a quota that it starts anew with the process, but where replicas count it in Redis', async () => {
    const policy = policyItem({ kind: 'quota', config: { limit: 1, period: 'month' } }, [apiItem()]);
    const state = createDesiredStates()(configOf(policy));
    const stateOf = async (countsTogether: boolean) => (await createSnapshotCompiler(['mcp'], { countsTogether }).compile(state)).state;
    expect([await stateOf(false), await stateOf(true)]).toEqual(['applied_with_warnings', 'applied']);
  });

  it.each<PolicySpec>([
    { kind: 'request_size_limit', config: { max_bytes: 1 } },
    { kind: 'headers', config: { request: { set: { 'X-A': 'b' } } } },
  ])('says what it cannot do where /authz is open: %j', (spec) => {
    const api = apiItem();
    const config = configOf(api, policyItem(spec, [api]));
    expect(compile(config).state).toBe('applied');
    expect(compile(config, ['mcp', 'authz']).items[0]).toMatchObject({
      state: 'applied_with_warnings',
      reason: expect.stringContaining('/authz'),
    });
  });
});
