import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayConfig, TrustedIssuer, TrustedIssuerList } from '@stoa/generated/schemas.ts';
import { makerIn, nowhere } from '../../testing/catalog.ts';
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

const path = '/v1/trusted-issuers';
let issuers = 0;
const rulesOf = (more: object = {}) => ({ issuer: `https://127.0.0.1/${(issuers += 1)}`, consumers: [{ claim: 'azp' }], ...more });
const trust = (more: object = {}) => make.post<TrustedIssuer & Refused>(path, { name: make.nextName('issuer'), rules: rulesOf(), ...more });
const update = (id: string, body: object, query = '') => plane.request<TrustedIssuer & Refused>('PUT', `${path}/${id}${query}`, { body });
const pointers = ({ errors = [] }: { errors?: { pointer: string }[] }) => errors.map(({ pointer }) => pointer);
/** What a runtime that judges tokens is given of them. */
const given = async (features: string[]) => {
  const { body } = await gateways.register(make.nextName('gateway'), { features: ['mcp', 'subscriptions', 'plans', ...features] });
  const { items } = (await gateways.config<GatewayConfig>(body.gateway_id)).body;
  return items.filter(({ kind }) => kind === 'trusted_issuer');
};

describe('trusted issuers', () => {
  it('are made, shown, listed, changed and deleted, and never show the secret that gateways ask with', async () => {
    const introspection = { client_id: 'gateway', client_secret: 'not to be seen', when: 'always' };
    const { status, body } = await trust({ introspection });
    expect({ status, body }).toMatchObject({ status: 201, body: { introspection: { client_id: 'gateway', when: 'always' } } });
    expect(JSON.stringify(body)).not.toContain('not to be seen');
    const { trusted_issuer_id: id, name, rules } = body;
    expect((await plane.request('GET', `${path}/${id}`)).body).toEqual(body);
    expect((await plane.request<TrustedIssuerList>('GET', `${path}?search=${name}`)).body.items).toEqual([body]);
    const changed = await update(id, { name, rules: { ...rules, clock_skew_s: 5 } });
    expect(changed.body.rules.clock_skew_s).toBe(5);
    expect(changed.body).not.toHaveProperty('introspection');
    expect((await plane.request('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await plane.request('GET', `${path}/${id}`)).status).toBe(404);
  });

  it('are of https, or of loopback, and reachable; each fault is named by its place', async () => {
    const rules = {
      issuer: 'http://id.example.com',
      jwks_uri: 'https://user:word@127.0.0.1/keys',
      discovery_url: 'https://169.254.169.254/metadata',
      exchange_endpoints: ['https://127.0.0.1/token', 'http://id.example.com/token', 'https://user:word@127.0.0.1/token'],
      consumers: [{ claim: 'azp', value: 'helpdesk' }],
      scopes: ['mcp:tools'],
      optional_scopes: ['mcp:tools'],
    };
    const { status, body } = await trust({ rules });
    expect(status).toBe(422);
    const members = ['issuer', 'discovery_url', 'jwks_uri', 'exchange_endpoints/1', 'exchange_endpoints/2', 'consumers/0', 'optional_scopes/0'];
    expect(pointers(body)).toEqual(members.map((member) => `/body/rules/${member}`));
    expect((await trust({ rules: rulesOf({ issuer: 'http://127.0.0.1:9/realm', exchange_endpoints: ['http://127.0.0.1:9/token'] }) })).status).toBe(
      201,
    );
  });

  it.each([
    ['an algorithm with a shared secret', { algorithms: ['HS256'] }],
    ['no algorithm at all', { algorithms: ['none'] }],
    ['a scope that is a client’s own', { scopes: ['openid'] }],
    ['no rule that says who calls', { consumers: [] }],
  ])('do not take %s', async (_what, wrong) => {
    expect((await trust({ rules: rulesOf(wrong) })).status).toBe(400);
  });

  it('have names and issuers of their own, and say which consumers there are not', async () => {
    const { body } = await trust({ rules: rulesOf({ consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'not-there' }] }) });
    expect(body.warnings).toEqual([expect.stringContaining('no consumer named not-there')]);
    expect((await trust({ name: body.name })).body.code).toBe('name_taken');
    expect((await trust({ rules: rulesOf({ issuer: body.rules.issuer }) })).body.code).toBe('issuer_taken');
  });

  it('keep a secret only for the place that it was given for: nobody has it sent to himself', async () => {
    const introspection = { client_id: 'gateway', client_secret: 'one' };
    const { body } = await trust({ introspection });
    const { trusted_issuer_id: id, name, rules } = body;
    const kept = await update(id, { name, rules: { ...rules, scopes: ['a'] }, introspection: { client_id: 'gateway' } });
    expect(kept.status).toBe(200);
    const elsewhere = [
      { name, rules, introspection: { client_id: 'gateway', endpoint: 'https://127.0.0.1/mine' } },
      { name, rules: { ...rules, issuer: 'https://127.0.0.1/mine' }, introspection: { client_id: 'gateway' } },
      { name, rules: { ...rules, discovery_url: 'https://127.0.0.1/mine' }, introspection: { client_id: 'gateway' } },
      { name, rules, introspection: { client_id: 'other' } },
    ];
    for (const wrong of elsewhere) expect(pointers((await update(id, wrong)).body)).toEqual(['/body/introspection/client_secret']);
    const at = kept.body.updated_at;
    const same = { name, rules: kept.body.rules, introspection };
    expect((await update(id, same)).body.updated_at).toBe(at);
    expect((await update(id, { ...same, introspection: { ...introspection, client_secret: 'two' } }, '?dry_run=true')).body.updated_at).not.toBe(at);
    expect((await plane.request<TrustedIssuer>('GET', `${path}/${id}`)).body.updated_at).toBe(at);
  });

  it('are given, with the secret, to the runtimes that judge tokens, and to no others', async () => {
    const api = await make.api();
    await make.post('/v1/deployments', { api_id: api.api_id, targets: { environments: ['production'] } });
    const { body } = await trust({ introspection: { client_id: 'gateway', client_secret: 'theirs' } });
    const [ours] = (await given(['trusted_issuers'])).filter(({ id }) => id === `trusted_issuer:${body.trusted_issuer_id}`);
    expect(ours).toMatchObject({ name: body.name, rules: body.rules, introspection: { client_id: 'gateway', client_secret: 'theirs' } });
    expect(await given([])).toEqual([]);
  });

  it('demand of tokens of the embedded issuer that they are of the tenant: it serves them all', async () => {
    const { body } = await trust({ rules: rulesOf({ issuer: `${plane.url}/oidc` }) });
    expect(body.rules).not.toHaveProperty('required_claims');
    const ours = (await given(['trusted_issuers'])).find(({ id }) => id === `trusted_issuer:${body.trusted_issuer_id}`);
    expect(ours).toMatchObject({ rules: { required_claims: [{ claim: 'tenant', values: [expect.stringMatching(/^[0-9a-f-]{36}$/)] }] } });
  });

  it('demand that of what turns out to be the embedded issuer at a start by another public URL, and go on with it when that changes again', async () => {
    const publicUrl = 'https://127.0.0.1:9443';
    const { body } = await trust({ rules: rulesOf({ issuer: `${publicUrl}/oidc` }) });
    const id = body.trusted_issuer_id;
    const demanded = async () => {
      const item = (await given(['trusted_issuers'])).find((each) => each.id === `trusted_issuer:${id}`);
      return item?.kind === 'trusted_issuer' ? item.rules.required_claims : undefined;
    };
    expect(await demanded()).toBeUndefined();
    const another = await plane.startAnother({ STOA_PUBLIC_URL: publicUrl });
    await another.close();
    const ofTheTenant = [{ claim: 'tenant', values: [expect.stringMatching(/^[0-9a-f-]{36}$/)] }];
    expect(await demanded()).toEqual(ofTheTenant);
    expect((await update(id, { name: body.name, rules: { ...body.rules, clock_skew_s: 5 } })).status).toBe(200);
    expect(await demanded()).toEqual(ofTheTenant);
  });

  it('are a tenant’s own', async () => {
    expect((await plane.request('GET', `${path}/${nowhere}`)).status).toBe(404);
  });
});
