import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, GatewayList } from '@stoa/generated/schemas.ts';
import { asGateway } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

// What holds for every resource that operators edit and list.

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const document = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
const policy = (name: string, limit = 1) => ({ name, policy: { kind: 'rate_limit', config: { limit, window_s: 60 } }, attached_to: [] });
type Made = Record<string, string>;
const make = async (path: string, body: object): Promise<{ body: Made; etag: string }> => {
  const answer = await plane.request<Made>('POST', path, { body });
  return { body: answer.body, etag: answer.headers.get('etag') ?? '' };
};
let names = 0;
const nextName = () => `thing-${(names += 1)}`;
const makeApi = () => make('/v1/apis', { name: nextName(), document });
const makeConsumer = () => make('/v1/consumers', { name: nextName() });

/** Each resource: how one is made, where it is, and an edit of it where there is one. */
const resources: [string, () => Promise<{ path: string; etag: string; edit?: { method: string; body: object } }>][] = [
  [
    'an API',
    async () => {
      const { body, etag } = await makeApi();
      return { path: `/v1/apis/${body['api_id']}`, etag, edit: { method: 'PUT', body: { document, open_to_all_consumers: true } } };
    },
  ],
  [
    'a policy',
    async () => {
      const name = nextName();
      const { body, etag } = await make('/v1/policies', policy(name));
      return { path: `/v1/policies/${body['policy_id']}`, etag, edit: { method: 'PUT', body: policy(name, 2) } };
    },
  ],
  [
    'a deployment',
    async () => {
      const { body, etag } = await make('/v1/deployments', { api_id: (await makeApi()).body['api_id'], targets: { environments: ['nowhere'] } });
      return { path: `/v1/deployments/${body['deployment_id']}`, etag, edit: { method: 'PATCH', body: { revision: 1 } } };
    },
  ],
  [
    'a consumer',
    async () => {
      const { body, etag } = await makeConsumer();
      return { path: `/v1/consumers/${body['consumer_id']}`, etag, edit: { method: 'PATCH', body: { labels: { team: 'support' } } } };
    },
  ],
  [
    'a plan',
    async () => {
      const { body, etag } = await make('/v1/plans', { name: nextName() });
      return { path: `/v1/plans/${body['plan_id']}`, etag, edit: { method: 'PATCH', body: { labels: { tier: 'gold' } } } };
    },
  ],
  [
    'a subscription',
    async () => {
      const ends = { api_id: (await makeApi()).body['api_id'], consumer_id: (await makeConsumer()).body['consumer_id'] };
      const { body, etag } = await make('/v1/subscriptions', ends);
      return { path: `/v1/subscriptions/${body['subscription_id']}`, etag };
    },
  ],
];

describe.each(resources)('%s', (_what, prepare) => {
  const ifMatch = (etag: string) => ({ headers: { 'If-Match': etag } });
  const etagOf = async (path: string) => (await plane.request('GET', path)).headers.get('etag');

  it('has a strong entity tag, the same when it was made and when it is read', async () => {
    const { path, etag } = await prepare();
    expect(etag).toMatch(/^"[A-Za-z0-9_-]{22}"$/);
    expect([await etagOf(path), await etagOf(path)]).toEqual([etag, etag]);
  });

  it('is changed and deleted only in the state that If-Match names, and in any without', async () => {
    const { path, etag, edit } = await prepare();
    const edits = edit ? [edit] : [];
    for (const { method, body } of [...edits, { method: 'DELETE', body: undefined }]) {
      for (const [wrong, code] of [
        ['"other"', 'changed_meanwhile'],
        [`W/${etag}`, 'weak_entity_tag'],
        ['"a", W/"b",', 'changed_meanwhile'],
      ] as const) {
        expect(await plane.request(method, path, { body, ...ifMatch(wrong) })).toMatchObject({
          status: 412,
          body: { code, detail: expect.stringContaining(etag), errors: [{ pointer: '/headers/if-match' }] },
        });
      }
      for (const none of ['yesterday', etag.slice(1, -1), `${etag} ${etag}`, `*, ${etag}`, ','])
        expect(await plane.request(method, path, { body, ...ifMatch(none) }), none).toMatchObject({
          status: 400,
          body: { errors: [{ pointer: '/headers/if-match', message: expect.stringContaining('is no entity tag') }] },
        });
      expect(await etagOf(path)).toBe(etag);
    }
    let present = etag;
    for (const { method, body } of edits) {
      const changed = await plane.request(method, path, { body, ...ifMatch(`"other", ${etag}`) });
      expect(changed.status).toBe(200);
      present = changed.headers.get('etag') ?? '';
      expect(present).not.toBe(etag);
      expect(await etagOf(path)).toBe(present);
      expect((await plane.request(method, path, { body, ...ifMatch(etag) })).status).toBe(412);
      const again = await plane.request(method, path, { body, ...ifMatch('*') });
      expect([again.status, again.headers.get('etag')]).toEqual([200, present]);
    }
    expect((await plane.request('DELETE', path, ifMatch('*'))).status).toBe(204);
  });
});

describe('PATCH of an API', () => {
  const patch = (id: string, body: object, headers: Record<string, string> = {}) =>
    plane.request<Api & { code?: string; errors?: { pointer: string }[] }>('PATCH', `/v1/apis/${id}`, { body, headers });
  const withOperation = {
    ...document,
    paths: { '/things': { get: { operationId: 'list', responses: { 200: { description: 'Things.' } } } } },
  };
  const created = async (more: object = {}) =>
    (await plane.request<Api>('POST', '/v1/apis', { body: { name: nextName(), document: withOperation, ...more } })).body;

  it('changes what it names and leaves the rest, the document above all, as it is', async () => {
    const { api_id } = await created({ upstream_auth: { header: 'X-Key', value: 'secret' } });
    const name = nextName();
    const renamed = await patch(api_id, { name }, { 'content-type': 'application/merge-patch+json' });
    expect(renamed).toMatchObject({
      status: 200,
      body: { name, revision: 2, tools: 1, has_upstream_auth: true, upstream_url: 'https://api.example.com' },
    });
    const moved = await patch(api_id, { upstream_url: 'https://other.example.com' });
    expect(moved.body).toMatchObject({ name, revision: 3, upstream_url: 'https://other.example.com', has_upstream_auth: true });
    expect((await patch(api_id, { name: nextName() })).body).toMatchObject({ revision: 4, upstream_url: 'https://other.example.com' });
    expect((await patch(api_id, { upstream_url: null, upstream_auth: null })).body).toMatchObject({
      revision: 5,
      upstream_url: 'https://api.example.com',
      has_upstream_auth: false,
    });
    const { body } = await plane.request<Api>('GET', `/v1/apis/${api_id}`);
    expect(body.document).toEqual(withOperation);
    expect(body.operations?.map(({ tool }) => tool.name)).toEqual([`${body.name}_list`]);
  });

  it('of who may call makes no revision, and one of nothing changes nothing', async () => {
    const { api_id } = await created();
    const opened = await patch(api_id, { open_to_all_consumers: true });
    expect(opened.body).toMatchObject({ revision: 1, open_to_all_consumers: true, tools: 1 });
    const same = await patch(api_id, {});
    expect([same.status, same.headers.get('etag')]).toEqual([200, opened.headers.get('etag')]);
  });

  it('that changes nothing makes no revision, and neither does a PUT of what is there', async () => {
    const auth = { header: 'X-Key', value: 'secret' };
    const operations = { exclude: [{ tag: 'x' }] };
    const { api_id, name } = await created({ upstream_auth: auth, operations });
    const etag = (await plane.request('GET', `/v1/apis/${api_id}`)).headers.get('etag');
    const edits = [
      { name },
      { upstream_url: null },
      { upstream_url: 'https://api.example.com' },
      { upstream_auth: [auth] },
      { operations },
      { name, operations, open_to_all_consumers: false },
    ];
    for (const edit of edits) {
      const same = await patch(api_id, edit);
      expect([same.status, same.body.revision, same.headers.get('etag')], JSON.stringify(edit)).toEqual([200, 1, etag]);
    }
    for (const body of [{ document: withOperation }, { document: JSON.stringify(withOperation), upstream_auth: auth, operations }]) {
      const same = await plane.request<Api>('PUT', `/v1/apis/${api_id}`, { body });
      expect([same.status, same.body.revision, same.headers.get('etag')]).toEqual([200, 1, etag]);
    }
    expect((await patch(api_id, { upstream_auth: { ...auth, value: 'other' } })).body.revision).toBe(2);
    expect((await patch(api_id, { operations: null })).body.revision).toBe(3);
  });

  it('says in a dry run what it would make, and makes nothing', async () => {
    const { api_id } = await created();
    const before = await plane.request<Api>('GET', `/v1/apis/${api_id}`);
    const dry = (body: object) => plane.request<Api>('PATCH', `/v1/apis/${api_id}?dry_run=true`, { body });
    expect((await dry({ operations: { exclude: [{ id: 'list' }] } })).body).toMatchObject({
      revision: 2,
      tools: 0,
      warnings: [expect.stringContaining('no tool')],
    });
    expect((await dry({ open_to_all_consumers: true })).body).toMatchObject({ revision: 1, open_to_all_consumers: true, tools: 1 });
    expect((await dry({ upstream_url: 'ftp://x' })).status).toBe(422);
    const after = await plane.request<Api>('GET', `/v1/apis/${api_id}`);
    expect([after.body, after.headers.get('etag')]).toEqual([before.body, before.headers.get('etag')]);
  });

  it('is judged field by field', async () => {
    const [{ api_id }, other] = [await created(), await created()];
    for (const [body, pointer] of [
      [{ name: 'No Slug' }, '/body/name'],
      [{ name: null }, '/body/name'],
      [{ upstream_url: 5 }, '/body/upstream_url'],
      [{ upstream_auth: { header: 'X' } }, '/body/upstream_auth'],
      [{ open_to_all_consumers: 'yes' }, '/body/open_to_all_consumers'],
      [{ document: {} }, '/body/document'],
    ] as const) {
      const answer = await patch(api_id, body);
      expect([answer.status, answer.body.errors?.some((fault) => fault.pointer.startsWith(pointer))], JSON.stringify(answer.body)).toEqual([
        400,
        true,
      ]);
    }
    expect(await patch(api_id, { upstream_url: 'ftp://x' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/upstream_url' }] } });
    const forbidden = { upstream_auth: { header: 'Host', value: 'x' } };
    expect(await patch(api_id, forbidden)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/upstream_auth/header' }] } });
    expect(await patch(api_id, { name: other.name })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    expect(await patch(api_id, { name: nextName() }, { 'If-Match': '"other"' })).toMatchObject({ status: 412 });
    expect((await patch('00000000-0000-4000-8000-000000000000', { name: 'x' })).status).toBe(404);
    expect((await plane.request<Api>('GET', `/v1/apis/${api_id}`)).body.revision).toBe(1);
  });

  it('never brings back a document that was replaced while it was being made', async () => {
    const { api_id } = await created();
    const put = (version: string) =>
      plane.request<Api>('PUT', `/v1/apis/${api_id}`, { body: { document: { ...withOperation, info: { title: 'Things', version } } } });
    const rounds = 6;
    for (let round = 1; round <= rounds; round += 1) {
      const [, edited] = await Promise.all([put(String(round)), patch(api_id, { name: nextName() })]);
      expect([200, 409]).toContain(edited.status);
      expect((await plane.request<Api>('GET', `/v1/apis/${api_id}`)).body.version).toBe(String(round));
    }
  });
});

it('of two edits that were made up from the same state, one is made', async () => {
  const name = nextName();
  const { body, etag } = await make('/v1/policies', policy(name));
  const edit = (limit: number) =>
    plane.request('PUT', `/v1/policies/${body['policy_id']}`, { body: policy(name, limit), headers: { 'If-Match': etag } });
  expect((await Promise.all([edit(2), edit(3), edit(4)])).map(({ status }) => status).sort()).toEqual([200, 412, 412]);
});

describe('lists', () => {
  const list = async (path: string) => (await plane.request<{ items: Record<string, unknown>[] }>('GET', path)).body.items;

  it('are searched by a part of the name, in either case, and no character has a meaning of its own', async () => {
    await make('/v1/apis', { name: 'needle-in-a-haystack', document });
    await make('/v1/consumers', { name: 'a-needle' });
    await make('/v1/policies', policy('needles'));
    await make('/v1/gateway-keys', { name: 'The Needle, 100 % sharp' });
    await make('/v1/operator-tokens', { name: 'needle_work', role: 'viewer' });
    const [api] = await list('/v1/apis?search=NEEDLE');
    await make('/v1/deployments', { api_id: api?.['api_id'], targets: { environments: ['nowhere'] } });
    for (const path of ['apis', 'consumers', 'policies', 'gateway-keys', 'operator-tokens', 'deployments']) {
      expect(await list(`/v1/${path}?search=NeeDLe`), path).toHaveLength(1);
      expect(await list(`/v1/${path}?search=n_edle`), path).toEqual([]);
      expect(await list(`/v1/${path}?search=needle%25x`), path).toEqual([]);
    }
    expect(await list('/v1/gateway-keys?search=100%20%25')).toHaveLength(1);
    expect(await list('/v1/operator-tokens?search=needle_')).toHaveLength(1);
    expect((await plane.request('GET', '/v1/apis?search=')).status).toBe(400);
    const [consumer] = await list('/v1/consumers?search=a-needle');
    const plain = (await makeConsumer()).body;
    await make('/v1/subscriptions', { api_id: api?.['api_id'], consumer_id: plain['consumer_id'] });
    await make('/v1/subscriptions', { api_id: (await makeApi()).body['api_id'], consumer_id: consumer?.['consumer_id'] });
    expect((await list('/v1/subscriptions?search=NEEDLE')).map(({ api_name: name }) => name)).toEqual(['needle-in-a-haystack', expect.any(String)]);
    expect(await list('/v1/subscriptions?search=haystack')).toHaveLength(1);
    expect(await list(`/v1/subscriptions?search=n_edle&consumer_id=${consumer?.['consumer_id']}`)).toEqual([]);
    const keysOf = `/v1/consumers/${consumer?.['consumer_id']}/keys`;
    const minted = (await make(keysOf, {})).body['key'] as unknown as Made;
    await make(keysOf, {});
    expect((await list(`${keysOf}?search=${minted['hint']?.toUpperCase()}`)).map(({ key_id: id }) => id)).toContain(minted['key_id']);
    expect(await list(`${keysOf}?search=%25`)).toEqual([]);
  });

  it('are filtered by labels, of which all must fit', async () => {
    const key = await plane.mintGatewayKey();
    for (const [name, labels] of [
      ['gold-eu', { tier: 'gold', region: 'eu' }],
      ['gold-us', { tier: 'gold', region: 'us' }],
    ] as const) {
      await asGateway(plane, key).register(name, { labels });
      await make('/v1/consumers', { name, labels });
      await make('/v1/apis', { name, document, labels });
      await make('/v1/policies', { ...policy(name), labels });
    }
    const listed = ['consumers', 'apis', 'policies'];
    const named = async (query: string) => [
      (await plane.request<GatewayList>('GET', `/v1/gateways?${query}`)).body.items.map(({ instance_name: name }) => name),
      ...(await Promise.all(listed.map(async (path) => (await list(`/v1/${path}?${query}`)).map(({ name }) => name)))),
    ];
    const all = (...names: string[]) => [names, names, names, names];
    expect(await named('label=tier%3Dgold')).toEqual(all('gold-eu', 'gold-us'));
    expect(await named('label=tier%3Dgold&label=region%3Dus')).toEqual(all('gold-us'));
    expect(await named('label=region%3D')).toEqual(all());
    expect(await named('search=EU&label=tier=gold')).toEqual(all('gold-eu'));
    for (const path of ['gateways', ...listed]) expect((await plane.request('GET', `/v1/${path}?label=gold`)).status).toBe(400);
  });

  it('have the labels of APIs and policies, which an update that does not say them keeps, and which make no revision', async () => {
    const labels = { team: 'payments' };
    const { body } = await make('/v1/apis', { name: nextName(), document, labels });
    const api = `/v1/apis/${body['api_id']}`;
    const { body: limit } = await make('/v1/policies', { ...policy(nextName()), labels });
    const edit = async (method: string, path: string, change: object) => (await plane.request<Api>(method, path, { body: change })).body;
    const put = (change: object) => edit('PUT', `/v1/policies/${limit['policy_id']}`, { ...policy(limit['name'] ?? ''), ...change });
    expect([body['labels'], limit['labels']]).toEqual([labels, labels]);
    expect(await edit('PUT', api, { document })).toMatchObject({ labels, revision: 1 });
    expect(await put({})).toMatchObject({ labels });
    expect(await edit('PUT', api, { document, labels: { team: 'orders' } })).toMatchObject({ labels: { team: 'orders' }, revision: 1 });
    expect(await edit('PATCH', api, { labels: {} })).toMatchObject({ labels: {}, revision: 1 });
    expect(await put({ labels: { team: 'orders' } })).toMatchObject({ labels: { team: 'orders' } });
    expect((await make('/v1/apis', { name: nextName(), document })).body['labels']).toEqual({});
    expect((await plane.request('PATCH', api, { body: { labels: { 'no name': 'x' } } })).status).toBe(400);
  });

  it('say of each credential whether it is good', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await make('/v1/gateway-keys', { name: 'states-revoked' });
    await make('/v1/gateway-keys', { name: 'states-valid', expires_at: soon });
    await make('/v1/gateway-keys', { name: 'states-expired', expires_at: soon });
    await plane.store.pool.query(`UPDATE gateway_key SET expires_at = now() - interval '1 second' WHERE name = 'states-expired'`);
    await plane.request('DELETE', `/v1/gateway-keys/${(body['key'] as unknown as Made)['key_id']}`);
    const states = (await list('/v1/gateway-keys?search=states-')).map(({ name, state }) => `${String(name)} ${String(state)}`);
    expect(states).toEqual(['states-revoked revoked', 'states-valid valid', 'states-expired expired']);
  });
});
