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
