import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Approval, TrustedIssuer } from '@stoa/generated/schemas.ts';
import { deleteExpiredRows } from '../../fleet/housekeeping.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let ada: string;
const path = '/v1/trusted-issuers';
const clientSecret = 'chosen by a person';
const wanted = (name: string, secret = clientSecret) => ({
  name,
  rules: { issuer: `https://127.0.0.1/${name}`, consumers: [{ claim: 'azp' }] },
  introspection: { client_id: 'gateway', client_secret: secret },
});
const as = <T>(token: string, method: string, to: string, body?: object) =>
  plane.request<T>(method, to, { token, ...(body === undefined ? {} : { body }) });
const ask = (name: string, secret?: string) => as<Approval>(ada, 'POST', path, wanted(name, secret));
const approve = ({ approval_id: id }: Approval) => as<Approval>(plane.adminToken, 'POST', `/v1/approvals/${id}/approve`, {});
const listed = async (search: string) => (await as<{ items: TrustedIssuer[] }>(ada, 'GET', `${path}?search=${search}`)).body.items;
const rowOf = async ({ approval_id: id }: Approval) => {
  const { rows } = await plane.store.pool.query<{ whole: string; secret: Buffer | null }>(
    'SELECT to_json(approval)::text AS whole, secret FROM approval WHERE id = $1',
    [id],
  );
  return rows[0];
};

beforeAll(async () => {
  plane = await startTestControlPlane();
  ada = (await as<{ secret: string }>(plane.adminToken, 'POST', '/v1/operator-tokens', { name: 'ada', role: 'admin' })).body.secret;
});
afterAll(() => plane.close());

const demand = (environment: string, demands: string[]) => as(plane.adminToken, 'PUT', `/v1/environments/${environment}`, { four_eyes: demands });

it('An issuer is trusted at once where nobody watches keys or guards, and waits as soon as one environment does', async () => {
  await demand('watched', ['deployments']);
  expect((await ask('before')).status).toBe(201);
  await demand('keys', ['reveals']);
  await demand('guards', ['policies']);
  expect(await ask('after')).toMatchObject({
    status: 202,
    body: { demand: 'issuers', environments: ['guards', 'keys'], operation: 'createTrustedIssuer' },
  });
  expect(await listed('after')).toEqual([]);
  expect((await as(ada, 'POST', `${path}?dry_run=true`, wanted('tried'))).status).toBe(201);
});

it('A change of one waits, and is given up when it was changed meanwhile; who trusts no more waits for nobody', async () => {
  const [issuer] = (await listed('before')) as [TrustedIssuer];
  const { rules, trusted_issuer_id: id } = issuer;
  const changed = { name: 'before', rules: { ...rules, exchange_endpoints: ['https://127.0.0.1/token'] } };
  const { status, body } = await as<Approval>(ada, 'PUT', `${path}/${id}`, changed);
  expect([status, body.operation]).toEqual([202, 'updateTrustedIssuer']);
  expect((await listed('before'))[0]?.rules).not.toHaveProperty('exchange_endpoints');
  expect((await approve(body)).body.state).toBe('applied');
  expect((await listed('before'))[0]?.rules.exchange_endpoints).toEqual(changed.rules.exchange_endpoints);
  expect((await as(ada, 'DELETE', `${path}/${id}`)).status).toBe(204);
});

it('The secret of its client is shown to nobody, kept sealed while it waits, and made use of when somebody approves', async () => {
  const { body } = await ask('sealed');
  expect(JSON.stringify(body)).not.toContain(clientSecret);
  expect(body.request).toMatchObject({ body: { introspection: { client_id: 'gateway' } } });
  const before = await rowOf(body);
  expect(before?.whole).not.toContain(clientSecret);
  expect(before?.secret?.toString('latin1')).not.toContain(clientSecret);
  // The same request is the same approval, and one with another secret another.
  expect((await ask('sealed')).body.approval_id).toBe(body.approval_id);
  expect((await ask('sealed', 'another')).body.approval_id).not.toBe(body.approval_id);
  expect((await approve(body)).body.state).toBe('applied');
  expect((await rowOf(body))?.secret).toBeNull();
  const { trusted_issuer_id: id, updated_at: at } = (await listed('sealed'))[0] as TrustedIssuer;
  const told = await as<TrustedIssuer>(ada, 'PUT', `${path}/${id}?dry_run=true`, wanted('sealed'));
  expect(told.body.updated_at).toBe(at);
});

it('The secret of what nobody decided on is forgotten when it is too late to', async () => {
  const { body } = await ask('late');
  await plane.store.pool.query("UPDATE approval SET expires_at = now() - interval '1 second' WHERE id = $1", [body.approval_id]);
  await deleteExpiredRows(plane.store.pool);
  expect((await rowOf(body))?.secret).toBeNull();
});
