import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '@stoa/generated/schemas.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

const bearer = { type: 'http', scheme: 'bearer' };
const document = {
  openapi: '3.1.0',
  info: { title: 'Small API', version: '1.0.0' },
  servers: [{ url: 'https://api.example.com' }],
  components: { securitySchemes: { token: bearer, key: { type: 'apiKey', in: 'query', name: 'key' } } },
  paths: { '/things': { get: { operationId: 'list', security: [{ token: [] }], responses: { 204: { description: 'Done.' } } } } },
};
const grant = { kind: 'client_credentials', token_endpoint: 'https://id.example.com/token', client_id: 'gateway', client_secret: 'hush-hush' };

type Answer = Api & { errors?: { pointer: string; message: string }[] };
let plane: TestControlPlane;
let names = 0;
const create = (...upstream_auth: object[]) =>
  plane.request<Answer>('POST', '/v1/apis', {
    body: { name: `auth-${(names += 1)}`, document, ...(upstream_auth.length > 0 && { upstream_auth }) },
  });
const faults = async (...upstream_auth: object[]) => {
  const { status, body } = await create(...upstream_auth);
  return [status, body.errors?.map(({ pointer }) => pointer.replace('/body/upstream_auth', ''))];
};

beforeAll(async () => {
  plane = await startTestControlPlane();
  const rules = { issuer: 'https://127.0.0.1/agents', consumers: [{ claim: 'azp' }], exchange_endpoints: [grant.token_endpoint] };
  await plane.request('POST', '/v1/trusted-issuers', { body: { name: 'agents', rules } });
});
afterAll(() => plane.close());

describe('credentials for an upstream', () => {
  it('of every kind are kept, and read back without their secrets but with where runtimes have them', async () => {
    const reference = { runtime: 'orders-key' };
    const { status, body } = await create(
      grant,
      {
        kind: 'token_exchange',
        header: 'X-On-Behalf-Of',
        token_endpoint: 'https://id.example.com/token',
        client_id: 'gateway',
        client_secret: reference,
        audience: 'orders',
      },
      { in: 'header', name: 'X-Key', value: reference },
      { kind: 'client_certificate', certificate: { runtime: 'certificate' }, key: { runtime: 'certificate-key' } },
      { kind: 'assertion' },
    );
    expect([status, body.has_upstream_auth]).toEqual([201, true]);
    const { body: read } = await plane.request<Api>('GET', `/v1/apis/${body.api_id}`);
    const { client_secret: _secret, kind: _kind, ...settings } = grant;
    expect(read.upstream_auth_places).toEqual([
      { scheme: 'token', in: 'header', name: 'Authorization', kind: 'client_credentials', settings },
      {
        in: 'header',
        name: 'X-On-Behalf-Of',
        kind: 'token_exchange',
        settings: { ...settings, header: 'X-On-Behalf-Of', client_secret: reference, audience: 'orders' },
      },
      { in: 'header', name: 'X-Key', settings: { value: reference } },
      {
        in: 'connection',
        name: 'certificate',
        kind: 'client_certificate',
        settings: { certificate: { runtime: 'certificate' }, key: { runtime: 'certificate-key' } },
      },
      { in: 'header', name: 'X-Stoa-Assertion', kind: 'assertion' },
    ]);
    expect(JSON.stringify(read)).not.toContain('hush-hush');
    const { body: audit } = await plane.request<object>('GET', '/v1/audit?limit=50');
    expect(JSON.stringify(audit)).not.toContain('hush-hush');
  });

  it('by a scheme of the document meet what its operations demand', async () => {
    const { body } = await create({ ...grant, scheme: 'token' });
    expect(body.loss_report.map(({ what }) => what)).toEqual([expect.stringContaining('those in upstream_auth are sent for every caller')]);
    expect(await faults({ ...grant, scheme: 'key' })).toEqual([422, ['/0/scheme']]);
    expect((await create({ ...grant, scheme: 'nothing' })).status).toBe(422);
  });

  it('that cannot be are refused where they stand', async () => {
    const { client_secret: _secret, ...client } = grant;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    const signed = { ...client, client_auth: 'private_key_jwt' };
    expect(await faults(client)).toEqual([422, ['/0/client_secret']]);
    expect(await faults(signed)).toEqual([422, ['/0/private_key']]);
    expect(await faults({ ...signed, private_key: 'none' })).toEqual([422, ['/0/private_key']]);
    expect(await faults({ ...signed, private_key: rsa, algorithm: 'ES256' })).toEqual([422, ['/0/algorithm']]);
    expect((await create({ ...signed, private_key: rsa, algorithm: 'PS256' })).status).toBe(201);
    expect(await faults({ ...grant, token_endpoint: 'http://id.example.com/token' })).toEqual([422, ['/0/token_endpoint']]);
    expect(await faults({ ...grant, token_endpoint: 'https://169.254.169.254/token' })).toEqual([422, ['/0/token_endpoint']]);
    expect(await faults({ ...grant, header: 'Content-Type' })).toEqual([422, ['/0/header']]);
    expect(await faults({ in: 'header', name: 'x_stoa_consumer', value: 'ceo' })).toEqual([422, ['/0/name']]);
    expect(await faults({ kind: 'basic', username: 'a:b', password: 'c' })).toEqual([400, ['/0/username']]);
    expect(await faults({ kind: 'client_certificate', certificate: '-----BEGIN', key: { runtime: 'k' } })).toEqual([400, ['/0/certificate']]);
    expect(await faults({ in: 'header', name: 'X-Key', value: { runtime: '../etc/passwd' } })).toEqual([400, ['/0/value/runtime']]);
  });

  it("that exchange the caller's token are refused where callers show keys alone, whichever comes first", async () => {
    const exchange = { ...grant, kind: 'token_exchange' };
    const { body: api } = await create(exchange);
    const keys = (or_token: boolean, environment?: string) => ({
      name: `keys-${(names += 1)}`,
      policy: { kind: 'api_key_auth', config: { header: 'X-Key', or_token } },
      attached_to: [{ api_id: api.api_id, ...(environment !== undefined && { environment }) }],
    });
    const attach = async (body: object) => (await plane.request<{ code?: string }>('POST', '/v1/policies', { body })).body.code;
    expect(await attach(keys(false, 'production'))).toBe('nothing_to_exchange');
    expect(await attach(keys(true))).toBeUndefined();
    const { body: other } = await create();
    const body = { ...keys(false), attached_to: [{ api_id: other.api_id }] };
    expect(await attach(body)).toBeUndefined();
    const edited = await plane.request<{ code?: string }>('PATCH', `/v1/apis/${other.api_id}`, { body: { upstream_auth: [exchange] } });
    expect([edited.status, edited.body.code]).toEqual([422, 'nothing_to_exchange']);
  });

  it("that exchange the caller's token are for endpoints that a trusted issuer names, exactly: nobody has tokens of callers sent to himself", async () => {
    const elsewhere = { ...grant, kind: 'token_exchange', token_endpoint: `${grant.token_endpoint}/` };
    const { status, body } = await create({ kind: 'assertion' }, elsewhere);
    expect({ status, body }).toMatchObject({
      status: 422,
      body: {
        code: 'exchange_endpoint_not_named',
        errors: [
          {
            pointer: '/body/upstream_auth/1/token_endpoint',
            message: expect.stringMatching(/names https:\S+\/token\/ .*exchange_endpoints/) as string,
          },
        ],
      },
    });
    expect((await create({ ...elsewhere, kind: 'client_credentials' })).status).toBe(201);
    const { body: api } = await create({ ...elsewhere, token_endpoint: grant.token_endpoint });
    const path = `/v1/apis/${api.api_id}`;
    const edited = await plane.request<{ code?: string }>('PATCH', path, { body: { upstream_auth: [elsewhere] } });
    const updated = await plane.request<{ code?: string }>('PUT', path, { body: { name: api.name, document, upstream_auth: [elsewhere] } });
    const refused = [422, 'exchange_endpoint_not_named'];
    expect([edited, updated].map((answer) => [answer.status, answer.body.code])).toEqual([refused, refused]);
  });

  it('by a certificate are for an upstream of https alone', async () => {
    const upstream_auth = [{ kind: 'client_certificate', certificate: { runtime: 'c' }, key: { runtime: 'k' } }];
    const body = { name: 'plain', document, upstream_url: 'http://127.0.0.1:8084', upstream_auth };
    expect((await plane.request<Answer>('POST', '/v1/apis', { body })).status).toBe(422);
  });
});
