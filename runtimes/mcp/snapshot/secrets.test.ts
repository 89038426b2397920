import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyUpstreamCredential, ApiItem } from '@stoa/generated/schemas.ts';
import { apiItem, compile, configOf, getOrder, policyItem } from '../testing/fixtures.ts';
import { runtimeSecrets, secretSourcesFault } from './secrets.ts';
import type { RuntimeSecrets } from './secrets.ts';
import { Swaps } from './swaps.ts';

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'stoa-secrets-'))));
afterAll(() => rmSync(directory, { recursive: true }));

const secretsOf = (sources: Record<string, string>, env: NodeJS.ProcessEnv = {}) => runtimeSecrets(sources, env);
const served = (credentials: AnyUpstreamCredential[], secrets = secretsOf({})) =>
  compile(configOf(apiItem({ upstream: { url: 'https://orders.example.com', credentials } })), ['mcp'], secrets);
const sent = (credentials: AnyUpstreamCredential[], secrets = secretsOf({})) => {
  const request = served(credentials, secrets).snapshot.tools.get('orders_getOrder')?.buildRequest({ order_id: '7' });
  return request?.ok === true ? { path: request.request.path, headers: request.request.headers.slice(6) } : undefined;
};
const key = (value: AnyUpstreamCredential & object = {} as never): AnyUpstreamCredential => ({
  in: 'header',
  name: 'X-Key',
  value: { runtime: 'orders-key' },
  ...value,
});

describe('a secret that a runtime has in its own settings', () => {
  it('is sent in the place of the credential, from a file or a variable', () => {
    const path = join(directory, 'key');
    writeFileSync(path, 'of-a-file\n');
    expect(sent([key()], secretsOf({ 'orders-key': `file:${path}` }))?.headers).toEqual(['x-key', 'of-a-file']);
    const env = secretsOf({ 'orders-key': 'env:KEY' }, { KEY: 'of-the-environment' });
    expect(sent([key()], env)?.headers).toEqual(['x-key', 'of-the-environment']);
    expect(sent([key({ in: 'query', name: 'k' } as never)], env)?.path).toBe('/orders/7?k=of-the-environment');
    expect(sent([key({ name: 'Authorization', auth: 'Bearer' } as never)], env)?.headers).toEqual(['authorization', 'Bearer of-the-environment']);
    const basic: AnyUpstreamCredential = { kind: 'basic', username: 'stoa', password: { runtime: 'orders-key' } };
    expect(sent([basic], env)?.headers).toEqual(['authorization', `Basic ${btoa('stoa:of-the-environment')}`]);
  });

  it.each([
    ['is not there', {}, 'This runtime has no secret orders-key: add it to its STOA_UPSTREAM_SECRETS.'],
    ['is a variable that is not set', { 'orders-key': 'env:NONE' }, 'The secret orders-key of this runtime is the variable NONE, which is not set.'],
    ['is a file that is not there', { 'orders-key': 'file:/nowhere/key' }, 'The secret orders-key of this runtime cannot be read: ENOENT.'],
    [
      'is for another host',
      { 'orders-key': 'env:KEY@billing.example.com' },
      'The secret orders-key of this runtime is for billing.example.com, and not for orders.example.com.',
    ],
    ['is two lines', { 'orders-key': 'env:LINES' }, 'The secret orders-key of this runtime holds what a header cannot carry.'],
  ])('that %s has its API rejected, and the others served', (_says, sources, why) => {
    const other = apiItem({ name: 'billing', operations: [getOrder({ tool: { ...getOrder().tool, name: 'billing_get' } })] });
    const api = apiItem({ upstream: { url: 'https://orders.example.com', credentials: [key()] } });
    const { snapshot, items, state } = compile(configOf(api, other), ['mcp'], secretsOf(sources, { KEY: 'k', LINES: 'a\nb' }));
    expect([...snapshot.tools.keys()]).toEqual(['billing_get']);
    expect(state).toBe('applied_with_warnings');
    expect(items).toEqual([
      {
        id: api.id,
        state: 'rejected',
        phase: 'render',
        reason: `Not served, because its upstream wants a credential that there is not here: ${why}`,
      },
    ]);
  });

  it.each(['orders.example.com', '*.example.com', 'orders.example.com:443', '*.com'])('may be for %s', (host) => {
    const secrets = secretsOf({ 'orders-key': `env:KEY@${host}` }, { KEY: 'k' });
    expect(secrets.read('orders-key', ['orders.example.com:443'])).toBe('k');
  });

  it('of a client is for the host of its token endpoint, not of the upstream', () => {
    const grant = (host: string): AnyUpstreamCredential => ({
      kind: 'client_credentials',
      token_endpoint: `https://${host}/token`,
      client_id: 'gateway',
      client_secret: { runtime: 'client' },
    });
    const secrets = secretsOf({ client: 'env:KEY@id.example.com' }, { KEY: 'k' });
    expect(served([grant('id.example.com')], secrets).items).toEqual([]);
    expect(served([grant('evil.example.net')], secrets).items).toMatchObject([
      { state: 'rejected', reason: expect.stringContaining('not for evil.example.net') as string },
    ]);
  });

  /** Swaps of one API, and which were made. */
  const swapping = async (secrets: RuntimeSecrets) => {
    const api = apiItem({ upstream: { url: 'https://orders.example.com', credentials: [key()] } });
    const swapped: string[][] = [];
    const swaps = new Swaps(secrets, (state) => {
      swapped.push(state.changed.map(({ id }) => id));
      compile(configOf(...(state.items.values() as Iterable<ApiItem>)), ['mcp'], secrets);
      return Promise.resolve({ state: 'applied', items: [] });
    });
    const apply = (...apis: ApiItem[]) =>
      swaps.apply({ generation: 1, hash: '', items: new Map(apis.map((item) => [item.id, item])), changed: [], removed: [] });
    await apply(api);
    return { api, swaps, swapped, apply };
  };

  it('is taken anew when its file is replaced, or comes', async () => {
    const path = join(directory, 'rotated');
    const { api, swaps, swapped } = await swapping(secretsOf({ 'orders-key': `file:${path}` }));
    await swaps.refresh();
    writeFileSync(path, 'first');
    await swaps.refresh();
    await swaps.refresh();
    writeFileSync(path, 'second');
    await swaps.refresh();
    expect(swapped).toEqual([[], [api.id], [api.id]]);
  });

  it('is not taken anew while it is the same, also where it is for another host', async () => {
    const { swaps, swapped } = await swapping(secretsOf({ 'orders-key': 'env:KEY@billing.example.com' }, { KEY: 'k' }));
    await swaps.refresh();
    expect(swapped).toEqual([[]]);
  });

  it('that nothing wants any more is looked at once when it is replaced', async () => {
    const env = { KEY: 'first' };
    const { swaps, swapped, apply } = await swapping(secretsOf({ 'orders-key': 'env:KEY' }, env));
    await apply();
    env.KEY = 'second';
    await swaps.refresh();
    await swaps.refresh();
    expect(swapped).toEqual([[], [], []]);
  });

  it('is looked at again after a state could not be taken', async () => {
    const env: NodeJS.ProcessEnv = { KEY: 'first' };
    const changing = secretsOf({ 'orders-key': 'env:KEY' }, env);
    changing.read('orders-key', ['orders.example.com']);
    env['KEY'] = 'second';
    await expect(changing.askedAnew(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(changing.haveChanged()).toBe(true);
  });

  it('is named by settings that say where it is', () => {
    expect(secretSourcesFault({ a: 'file:/run/a', b: 'env:B@*.example.com' })).toBeUndefined();
    expect(secretSourcesFault({ a: '/run/a' })).toMatch(/must hold entries such as .* which that of a is not/);
    expect(secretSourcesFault({ A_B: 'env:B' })).toMatch(/lower-case/);
  });
});

it("an API whose upstream wants a token in exchange for the caller's is rejected where callers show keys alone", () => {
  const exchange: AnyUpstreamCredential = {
    kind: 'token_exchange',
    token_endpoint: 'https://id.example.com/token',
    client_id: 'g',
    client_secret: 's',
  };
  const api = apiItem({ upstream: { url: 'https://orders.example.com', credentials: [exchange] } });
  const keys = policyItem({ kind: 'api_key_auth', config: { header: 'X-Key' } }, [api]);
  expect(compile(configOf(api, keys)).items).toMatchObject([
    { id: api.id, state: 'rejected', reason: expect.stringContaining('or_token') as string },
  ]);
  const either = policyItem({ kind: 'api_key_auth', config: { header: 'X-Key', or_token: true } }, [api]);
  expect(compile(configOf(api, either)).items.filter(({ id }) => id === api.id)).toEqual([]);
});
