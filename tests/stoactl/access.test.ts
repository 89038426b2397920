import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine, Ended } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
const run = (line: string, given = {}): Promise<Ended> => cli.run(line.split(' '), given);
const json = async <T>(line: string): Promise<T> => JSON.parse((await run(`${line} -o json`)).out) as T;
type Key = {
  key_id: string;
  hint: string;
  state: string;
  name: string;
  environments: string[];
  modes: string[];
  instance_name: string;
  expires_at: string;
};
type Listed = { items: Key[] };
const isKnown = async (secret: string) => (await plane.context.authenticator.authenticate(secret)) !== undefined;
let viewer: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  cli = commandLine();
  await cli.run(['context', 'set', 'test', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
  await plane.request('POST', '/v1/consumers', { body: { name: 'alice' } });
  viewer = (await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'viewer', role: 'viewer' } })).body.secret;
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

describe('keys', () => {
  it('are created with their secret alone on stdout, listed without it, and revoked', async () => {
    const made = await run('keys create edge --environment production --environment staging --mode connect --instance kong-1 --expires-in 90d');
    expect(made).toEqual({ code: 0, out: expect.stringMatching(/^stoa_gk_[A-Za-z0-9_-]{43}\n$/), err: '' });
    const [key] = (await json<Listed>('keys list')).items.filter(({ name }) => name === 'edge');
    expect(key).toMatchObject({ environments: ['production', 'staging'], modes: ['connect'], instance_name: 'kong-1', state: 'valid' });
    expect(Math.round((Date.parse(key?.expires_at ?? '') - Date.now()) / 86_400_000)).toBe(90);
    expect((await run('keys list')).out).not.toContain(made.out.trim());
    expect((await run('keys list -o name')).out).toContain('gateway-key/edge\n');
    expect(await run(`keys revoke ${key?.hint}`)).toEqual({ code: 0, out: 'gateway-key/edge revoked\n', err: '' });
    expect(await isKnown(made.out.trim())).toBe(false);
  });

  it('are of a team that is named', async () => {
    await plane.request('POST', '/v1/teams', { body: { name: 'payments' } });
    expect((await run('keys create owned --team payments')).code).toBe(0);
    expect((await json<{ items: (Key & { team?: string })[] }>('keys list')).items.find(({ name }) => name === 'owned')?.team).toBe('payments');
    expect(await run('keys create owned --team nobody')).toMatchObject({ code: 2, err: expect.stringContaining('team') });
  });

  it('go to a file that their owner alone can read, and replace none unasked', async () => {
    const file = join(cli.dir, 'edge.key');
    const made = await run(`keys create filed --out ${file} -o json`);
    expect(JSON.parse(made.out)).toEqual({ key: expect.objectContaining({ name: 'filed' }), file });
    expect([statSync(file).mode & 0o777, await isKnown(readFileSync(file, 'utf8').trim())]).toEqual([0o600, true]);
    const before = (await json<Listed>('keys list')).items.length;
    expect(await run(`keys create filed --out ${file}`)).toMatchObject({
      code: 6,
      err: expect.stringContaining('--force replaces it. No key was made.'),
    });
    expect(await run(`keys create filed --out ${cli.dir}/none/edge.key`)).toMatchObject({ code: 1, err: expect.stringContaining('No key was made') });
    expect((await json<Listed>('keys list')).items).toHaveLength(before);
    expect(await run(`keys create filed --out ${file} --force`)).toMatchObject({
      code: 0,
      out: `gateway-key/filed created; its secret is in ${file}\n`,
    });
  });

  it('are rotated with an overlap, by the name that both have', async () => {
    const first = (await run('keys create rolled --environment production')).out.trim();
    const second = (await run('keys rotate rolled --overlap 1h')).out.trim();
    expect(await Promise.all([first, second].map(isKnown))).toEqual([true, true]);
    const keys = (await json<Listed>('keys list')).items.filter(({ name }) => name === 'rolled');
    expect(keys.map(({ expires_at }) => expires_at === undefined)).toEqual([false, true]);
    expect(keys[1]).toMatchObject({ environments: ['production'] });
    const both = await run('keys rotate rolled');
    expect(both).toMatchObject({ code: 1, err: expect.stringContaining('There are 2 gateway keys called rolled. Name one by its id:') });
    expect(await run(`keys rotate ${keys[0]?.key_id} --overlap 0s --out ${join(cli.dir, 'rolled.key')}`)).toMatchObject({
      code: 0,
      out: expect.stringContaining('gateway-key/rolled rotated, the one before is good until '),
    });
    expect(await isKnown(first)).toBe(false);
  });

  it('say what is wrong by their exit codes', async () => {
    expect((await run('keys create late --expires-at tomorrow')).code).toBe(2);
    expect((await run('keys create late --expires-in 1y')).code).toBe(2);
    expect((await run('keys create late --mode kong')).code).toBe(2);
    expect(await run('keys create late --expires-at 2020-01-01')).toMatchObject({ code: 2, err: expect.stringContaining('must be in the future') });
    expect((await run('keys create mine', { env: { STOA_TOKEN: viewer } })).code).toBe(4);
    expect(await run('keys revoke nobody')).toMatchObject({ code: 5, err: 'There is no gateway key nobody.\n' });
    expect((await run('keys rotate nobody')).code).toBe(5);
    expect((await run('keys create --help')).out).toContain('Needs one of the roles owner, admin, operator.');
  });
});

describe('consumers keys', () => {
  it('are created, listed, rotated and revoked by the name of the consumer', async () => {
    const made = await run('consumers keys create alice');
    expect(made).toEqual({ code: 0, out: expect.stringMatching(/^stoa_ck_[A-Za-z0-9_-]{43}\n$/), err: '' });
    const [key] = (await json<Listed>('consumers keys list alice')).items;
    expect((await run('consumers keys list alice')).out).toMatch(/^ID +HINT +STATE +EXPIRES +CREATED\n[0-9a-f-]{36} +stoa_ck_\S+ +valid +- +\d{4}/);
    expect((await run('consumers keys list alice -o name')).out).toBe(`consumer-key/alice/${key?.key_id}\n`);
    expect((await run('consumers keys list alice -o csv')).out).toMatch(/^ID,HINT,STATE,EXPIRES,CREATED,REVOKED\n/);
    const rotated = JSON.parse((await run('consumers keys rotate alice --overlap 30m -o json')).out) as { key: Key; replaced: Key; secret: string };
    expect([rotated.replaced.key_id, rotated.replaced.state]).toEqual([key?.key_id, 'valid']);
    expect(await run('consumers keys revoke alice')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There are 2 good consumer keys of alice'),
    });
    expect(await run(`consumers keys revoke alice ${key?.hint}`)).toMatchObject({ out: `consumer-key/alice/${key?.key_id} revoked\n` });
    expect((await run('consumers keys revoke alice')).out).toBe(`consumer-key/alice/${rotated.key.key_id} revoked\n`);
    expect(await run('consumers keys rotate alice')).toMatchObject({ code: 5, err: 'There is no good consumer key of alice.\n' });
    expect(await run(`consumers keys rotate alice ${key?.key_id}`)).toMatchObject({ code: 6, err: expect.stringContaining('mint a new one') });
  });

  it('say who is not there, by its name', async () => {
    for (const line of ['consumers keys create nobody', 'consumers keys list nobody', 'consumers keys rotate nobody'])
      expect(await run(line)).toMatchObject({ code: 5, err: 'There is no consumer named nobody: stoactl get consumers lists what there is.\n' });
    expect(await run('consumers erase nobody --yes')).toMatchObject({ code: 5, err: expect.stringContaining('nobody') });
    expect((await run('consumers keys create alice', { env: { STOA_TOKEN: viewer } })).code).toBe(4);
  });
});

describe('gateways', () => {
  const register = async (instance_name: string, environment: string) => {
    const registration = { instance_name, gateway_mode: 'edge_mcp', version: '1', features: [], environment };
    await plane.request('POST', '/v1/internal/gateways/register', { token: await plane.mintGatewayKey(), body: registration });
  };

  it('are listed by environment and mode, shown, and decommissioned', async () => {
    await register('edge-1', 'production');
    await register('edge-2', 'staging');
    expect((await run('gateways list -o name')).out).toBe('gateway/edge-1\ngateway/edge-2\n');
    expect((await run('gateways list --environment staging --liveness online -o name')).out).toBe('gateway/edge-2\n');
    expect((await run('gateways list --mode connect -o name')).out).toBe('');
    expect(await json('gateways get edge-1')).toMatchObject({ instance_name: 'edge-1', environment: 'production' });
    expect(await run('gateways decommission edge-1')).toEqual({ code: 0, out: 'gateway/edge-1 decommissioned\n', err: '' });
    expect(await json('gateways get edge-1')).toMatchObject({ liveness: 'revoked' });
    expect((await run('gateways decommission edge-1 --forget')).out).toBe('gateway/edge-1 decommissioned and forgotten\n');
    expect((await run('gateways get edge-1')).code).toBe(5);
    expect((await run('gateways decommission edge-2', { env: { STOA_TOKEN: viewer } })).code).toBe(4);
  });

  it('tell their drift, and what a deployment would do on them', async () => {
    const token = await plane.mintGatewayKey();
    const gateways = asGateway(plane, token);
    const { body: kong } = await gateways.register('kong-drift', {
      gateway_mode: 'connect',
      environment: 'drifting',
      features: ['subscriptions', 'plans'],
    });
    expect(await run('gateways drift kong-drift')).toEqual({ code: 0, out: '', err: '' });
    const event = { event_id: randomUUID(), object: 'route orders', kind: 'changed', detail: 'methods: GET → POST', wins: 'stoa', state: 'repaired' };
    await gateways.observe(kong.gateway_id, { drift_history: [event] });
    expect((await run('gateways drift kong-drift')).out).toMatch(
      /^FOUND +STATE .*\n\S+ +repaired +\S+ +stoa +route orders +changed +methods: GET → POST\n$/,
    );
    expect(await json<unknown[]>(`gateways drift ${kong.gateway_id}`)).toMatchObject([event]);

    await gateways.register('edge-drift', { environment: 'drifting' });
    const document = { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
    await plane.request('POST', '/v1/apis', { body: { name: 'shop', document } });
    const dry = await run('deploy shop --environment drifting --dry-run');
    expect(dry.code).toBe(1);
    expect(dry.out).toMatch(
      /^Deployment\/shop \(dry run\)\n {2}kong-drift \(connect\): unknown: It is too old.*\n {2}edge-drift \(edge_mcp\): planned, as .*\n {4}\+ api shop: new\n/,
    );
    expect((await run('deploy shop --instance edge-drift --dry-run')).code).toBe(0);
    expect(await run('deploy shop --environment mistyped --dry-run')).toMatchObject({ code: 1, out: expect.stringContaining('No gateway fits') });
    expect((await run('get deployments -o name')).out).toBe('');
    expect(await run('deploy shop --environment drifting --drift report --label region=eu')).toMatchObject({
      code: 0,
      out: 'deployment/shop created\n',
    });
    expect(await json('get deployment shop')).toMatchObject({ drift: 'report', targets: { environments: ['drifting'], labels: { region: 'eu' } } });
    const addressed = 'deploy shop --mode connect --public-path /shop --public-host shop.example.com --keep-path --name shop-there';
    expect(await run(addressed)).toMatchObject({ code: 0 });
    expect(await json('get deployment shop-there')).toMatchObject({ public_path: { prefix: '/shop', host: 'shop.example.com', strip: false } });
    for (const wrong of ['deploy shop', 'deploy shop --label region', 'deploy shop --mode connect --keep-path'])
      expect((await run(wrong)).code).toBe(2);
  });

  it('are let go by the brake of their environment', async () => {
    const [tenant] = await plane.store.prisma.$queryRaw<{ id: string }[]>`SELECT id FROM tenant LIMIT 1`;
    await plane.store.pool.query('INSERT INTO presence_brake (tenant_id, environment, held) VALUES ($1, $2, 4)', [tenant?.id, 'production']);
    expect(await run('gateways release-brake production')).toEqual({ code: 0, out: 'brake/production released\n', err: '' });
    expect(await run('gateways release-brake production')).toMatchObject({ code: 5, err: expect.stringContaining('production') });
  });
});

describe('service accounts', () => {
  type Accounts = { items: { name: string; client_id: string; roles: string[]; state: string; previous_secret_until?: string }[] };
  const accounts = async () => (await json<Accounts>('service-accounts list')).items;
  const signsIn = async (id: string, secret: string) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
    return (await fetch(`${plane.url}/oidc/token`, { method: 'POST', body })).status;
  };

  it('are made with their secret alone on stdout, given another, and deleted', async () => {
    const made = await run('service-accounts create pipeline --role publisher --scope apis.write --scope apis.read --expires-in 30d');
    expect(made).toEqual({ code: 0, out: expect.stringMatching(/^stoa_sc_[A-Za-z0-9_-]{43}\n$/), err: '' });
    const [account] = await accounts();
    expect(account).toMatchObject({ name: 'pipeline', roles: ['publisher'], scopes: ['apis.write', 'apis.read'], state: 'valid' });
    const id = account?.client_id ?? '';
    const file = join(cli.dir, 'pipeline.secret');
    const rotated = await run(`service-accounts rotate pipeline --overlap 1h --out ${file}`);
    expect(rotated.out).toMatch(/^service-account\/pipeline rotated, the secret before is good until .*; its secret is in /);
    const [before, after] = [made.out.trim(), readFileSync(file, 'utf8').trim()];
    expect(await Promise.all([before, after].map((secret) => signsIn(id, secret)))).toEqual([200, 200]);
    await run('service-accounts rotate pipeline --overlap 0s');
    expect(await Promise.all([before, after].map((secret) => signsIn(id, secret)))).toEqual([401, 401]);
    expect((await run('service-accounts create pipeline --role viewer')).code).toBe(6);
    expect(await run('service-accounts create other --role pilot')).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no role pilot'),
    });
    expect((await run('service-accounts create other --role viewer', { env: { STOA_TOKEN: viewer } })).code).toBe(4);
    expect((await run('describe service-account pipeline')).out).toContain('name: pipeline');
    expect(await run('service-accounts delete pipeline')).toEqual({ code: 0, out: 'service-account/pipeline deleted\n', err: '' });
    expect(await accounts()).toEqual([]);
  });
});

it('personal tokens are of people: a token that was minted has none', async () => {
  for (const line of ['tokens list', 'tokens create mine'])
    expect(await run(line)).toMatchObject({ code: 4, err: expect.stringContaining('sign in as yourself') });
});

it('what lists takes the same options everywhere', async () => {
  for (const list of ['keys list', 'consumers keys list alice', 'gateways list', 'service-accounts list'])
    for (const form of ['table', 'wide', 'json', 'yaml', 'name', 'csv'])
      expect([list, form, (await run(`${list} -o ${form} --limit 5`)).code]).toEqual([list, form, 0]);
});
