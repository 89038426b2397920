import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MintedServiceAccount } from '@stoa/generated/schemas.ts';
import { joinAsOwner } from '@stoa/server/testing/person.ts';
import type { Person } from '@stoa/server/testing/person.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';
import { loginByDevice } from './signing-in.ts';

let plane: TestControlPlane;
let cli: CommandLine;
let owner: Person;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  owner = await joinAsOwner(plane);
  cli = commandLine();
  await cli.run(['context', 'set', 'test', '--server', plane.url]);
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

const session = async () => JSON.parse((await cli.run(['whoami', '-o', 'json'])).out) as Record<string, unknown>;

describe('stoactl login as a service account', () => {
  it('signs in by id and secret, gets the next token by itself, and needs both', async () => {
    const { body } = await plane.request<MintedServiceAccount>('POST', '/v1/service-accounts', { body: { name: 'robot', roles: ['viewer'] } });
    const secretFile = join(cli.dir, 'secret');
    writeFileSync(secretFile, `${body.client_secret}\n`);
    const id = body.service_account.client_id;
    const ended = await cli.run(['login', '--client-id', id, '--client-secret-file', secretFile]);
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('as robot, in the tenant default') });
    expect(ended.out + ended.err).not.toContain(body.client_secret);
    expect(await session()).toMatchObject({ name: 'robot', roles: ['viewer'] });
    const tokens = join(cli.dir, 'config.yaml.tokens.json');
    writeFileSync(tokens, readFileSync(tokens, 'utf8').replace(/"expires_at": "[^"]*"/, '"expires_at": "2020-01-01T00:00:00.000Z"'));
    const before = readFileSync(tokens, 'utf8');
    expect(await session()).toMatchObject({ name: 'robot' });
    expect(readFileSync(tokens, 'utf8')).not.toBe(before);
    expect(await cli.run(['login', '--client-id', id])).toMatchObject({ code: 2 });
    writeFileSync(secretFile, 'stoa_sc_wrong');
    expect(await cli.run(['login', '--client-id', id, '--client-secret-file', secretFile])).toMatchObject({ code: 3 });
    expect(await cli.run(['context', 'tenant', 'other'])).toMatchObject({ code: 3 });
    expect(await cli.run(['logout'])).toMatchObject({ code: 0, out: expect.stringContaining('revoked') });
  });
});

describe('stoactl service-accounts create --public-key', () => {
  it('registers the key of a file in place of a secret, and sends nothing that is private', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [open, closed] = [join(cli.dir, 'key.pub'), join(cli.dir, 'key.pem')];
    writeFileSync(open, publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(closed, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const env = { STOA_TOKEN: plane.adminToken };
    const make = (file: string, ...more: string[]) =>
      cli.run(['service-accounts', 'create', 'signer', '--role', 'viewer', '--public-key', file, ...more], { env });
    expect(await make(closed)).toMatchObject({ code: 2, err: expect.stringContaining('holds a private key') });
    expect(await make(open, '--out', join(cli.dir, 'x'))).toMatchObject({ code: 2 });
    expect(await make(open)).toMatchObject({ code: 0, out: expect.stringContaining('it signs in by its key') });
    const { x, y } = publicKey.export({ format: 'jwk' });
    const shown = JSON.parse((await cli.run(['get', 'service-account', 'signer', '-o', 'json'], { env })).out) as object;
    expect(shown).toMatchObject({ public_keys: [{ kty: 'EC', x, y }] });
    expect(await cli.run(['service-accounts', 'rotate', 'signer'], { env })).toMatchObject({ code: 6, err: expect.stringContaining('public_keys') });
  });
});

describe('stoactl login --private-key-file', () => {
  it('signs a service account in by its key, which is copied nowhere and signs for the next token, too; another public key ends it', async () => {
    const pairs = {
      ed: generateKeyPairSync('ed25519'),
      rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
      ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    };
    const file = (name: keyof typeof pairs, ending: 'pem' | 'pub') => join(cli.dir, `${name}.${ending}`);
    for (const name of ['ed', 'rsa', 'ec'] as const) {
      writeFileSync(file(name, 'pem'), pairs[name].privateKey.export({ type: 'pkcs8', format: 'pem' }));
      writeFileSync(file(name, 'pub'), pairs[name].publicKey.export({ type: 'spki', format: 'pem' }));
    }
    const env = { STOA_TOKEN: plane.adminToken };
    const made = await cli.run(['service-accounts', 'create', 'by-key', '--role', 'viewer', '--public-key', file('ed', 'pub'), '-o', 'json'], {
      env,
    });
    const id = (JSON.parse(made.out) as { service_account: { client_id: string } }).service_account.client_id;
    const login = (path: string) => cli.run(['login', '--client-id', id, '--private-key-file', path]);
    expect(await login(file('ed', 'pem'))).toMatchObject({ code: 0, out: expect.stringContaining('as by-key, in the tenant default') });
    const tokens = join(cli.dir, 'config.yaml.tokens.json');
    const before = readFileSync(tokens, 'utf8').replace(/"expires_at": "[^"]*"/, '"expires_at": "2020-01-01T00:00:00.000Z"');
    expect(before).not.toContain('PRIVATE KEY');
    writeFileSync(tokens, before);
    expect(await session()).toMatchObject({ name: 'by-key', roles: ['viewer'] });
    expect(readFileSync(tokens, 'utf8')).not.toBe(before);

    const edit = ['service-accounts', 'edit', 'by-key', '--public-key', file('rsa', 'pub'), '--public-key', file('ec', 'pub')];
    expect(await cli.run(edit, { env })).toMatchObject({ code: 0, out: 'service-account/by-key signs in by these 2 keys, and by nothing else\n' });
    expect(await login(file('ed', 'pem'))).toMatchObject({ code: 3, err: expect.stringContaining('public keys of the service account') });
    for (const name of ['rsa', 'ec'] as const) expect(await login(file(name, 'pem'))).toMatchObject({ code: 0 });
    expect(await login(file('ec', 'pub'))).toMatchObject({ code: 2, err: expect.stringContaining('is no private key to sign in by') });
    expect(await login(join(cli.dir, 'nowhere'))).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read (ENOENT)') });
    expect(await cli.run(['login', '--private-key-file', file('ec', 'pem')])).toMatchObject({ code: 2 });
    expect(await cli.run(['logout'])).toMatchObject({ code: 0, out: expect.stringContaining('revoked') });
  });
});

describe('stoactl context tenant', () => {
  it('works in another tenant of the person without a new sign-in, and stays where it is when there is no such one', async () => {
    expect(await loginByDevice(cli, owner)).toMatchObject({ code: 0 });
    await plane.store.pool.query(
      `WITH made AS (INSERT INTO tenant (name) VALUES ('other') RETURNING id) INSERT INTO membership (user_id, tenant_id, roles) SELECT u.id, made.id, '{viewer}' FROM app_user u, made`,
    );
    expect(await cli.run(['context', 'tenant', 'nobodys'])).toMatchObject({ code: 4 });
    expect(await session()).toMatchObject({ tenant: { name: 'default' } });
    expect(await cli.run(['context', 'tenant', 'other'])).toMatchObject({ code: 0, out: 'The context test works in the tenant other now.\n' });
    expect(await session()).toMatchObject({ tenant: { name: 'other' }, roles: ['viewer'] });
  });
});
