import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { joinAsOwner } from '@stoa/server/testing/person.ts';
import type { Person } from '@stoa/server/testing/person.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';
import { loginByBrowser, loginByDevice } from './signing-in.ts';

let plane: TestControlPlane;
let cli: CommandLine;
let owner: Person;
beforeAll(async () => {
  plane = await startTestControlPlane();
  owner = await joinAsOwner(plane);
  cli = commandLine();
  await cli.run(['context', 'set', 'test', '--server', plane.url]);
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

type Kept = { token: { access_token: string; refresh_token: string; expires_at: string } };
const tokensFile = () => join(cli.dir, 'config.yaml.tokens.json');
const kept = (context = 'test') => (JSON.parse(readFileSync(tokensFile(), 'utf8')) as Record<string, Kept>)[context]?.token;
const whoami = async (args: string[] = []) => JSON.parse((await cli.run([...args, 'whoami', '-o', 'json'])).out) as Record<string, unknown>;
/** The clock of this machine says that the access token has ended; the issuer still takes the other one. */
function endAccessToken(): void {
  const file = JSON.parse(readFileSync(tokensFile(), 'utf8')) as Record<string, Kept>;
  for (const { token } of Object.values(file)) token.expires_at = new Date(0).toISOString();
  writeFileSync(tokensFile(), JSON.stringify(file));
}
const count = async (sql: string): Promise<number> => Number((await plane.context.db.pool.query<{ count: string }>(sql)).rows[0]?.count);
const refreshTokens = () => count(`SELECT count(*) FROM oidc_payload WHERE model = 'RefreshToken'`);
const forget = () => plane.context.authenticator.forget();

describe('stoactl login', () => {
  it('signs a person in with password and second factor in a browser on this machine, and tells who, where and until when', async () => {
    expect(await cli.run(['get', 'apis'])).toMatchObject({ code: 3, err: expect.stringContaining('stoactl login') });
    const ended = await loginByBrowser(cli, owner);
    expect(ended).toMatchObject({ code: 0, err: expect.stringContaining('Open this address in a browser on this machine') });
    expect(ended.out).toBe(
      `Signed in to ${plane.url} as Ada <ada@example.com>, in the tenant default. The token is kept in a file that its owner alone can read (no keyring was found, and STOA_KEYRING_PASSPHRASE is not set).\n`,
    );
    expect(await whoami()).toMatchObject({
      name: 'Ada',
      user: { email: 'ada@example.com' },
      tenant: { name: 'default' },
      roles: ['owner'],
      issuer: `${plane.url}/oidc`,
      expires_at: expect.stringMatching(/^\d{4}-/) as string,
      server: plane.url,
      context: 'test',
    });
    expect((await cli.run(['whoami'])).out).toMatch(/user +ada@example.com\n/);
    expect((await cli.run(['auth', 'status'])).out).toMatch(new RegExp(`test .* as Ada \\(owner\\) +default +${plane.url}/oidc +\\d{4}-`));
    expect(await cli.run(['get', 'apis', '-o', 'json'])).toMatchObject({ code: 0, err: '' });
    const config = readFileSync(join(cli.dir, 'config.yaml'), 'utf8');
    for (const secret of [kept()?.access_token ?? '', kept()?.refresh_token ?? ''])
      for (const shown of [ended.out, ended.err, config]) expect(shown).not.toContain(secret);
  });

  it('lets the person make tokens for his programs, and revoke them', async () => {
    const tokens = async () => (JSON.parse((await cli.run(['tokens', 'list', '-o', 'json'])).out) as { items: object[] }).items;
    const made = await cli.run(['tokens', 'create', 'nightly', '--scope', 'apis.read', '--expires-in', '30d']);
    expect(made).toEqual({ code: 0, out: expect.stringMatching(/^stoa_pt_[A-Za-z0-9_-]{43}\n$/), err: '' });
    const env = { STOA_TOKEN: made.out.trim() };
    expect((await cli.run(['get', 'apis'], { env })).code).toBe(0);
    expect((await cli.run(['get', 'consumers'], { env })).code).toBe(4);
    expect(await cli.run(['tokens', 'create', 'more'], { env })).toMatchObject({ code: 4, err: expect.stringContaining('makes no other') });
    expect(await tokens()).toMatchObject([{ name: 'nightly', scopes: ['apis.read'], state: 'valid' }]);
    expect(await cli.run(['tokens', 'revoke', 'nightly'])).toEqual({ code: 0, out: 'personal-token/nightly revoked\n', err: '' });
    expect((await cli.run(['get', 'apis'], { env })).code).toBe(3);
    expect(await cli.run(['tokens', 'revoke', 'never'])).toMatchObject({ code: 5 });
  });

  it('takes no answer that another page, or another issuer, sends to its address', async () => {
    const statuses: number[] = [];
    const refused = await loginByBrowser(cli, owner, [], {
      comeBack: async (address) => {
        const foreign = new URL(address);
        foreign.searchParams.set('state', 'of another');
        statuses.push((await fetch(foreign)).status);
        const mixedUp = new URL(address);
        mixedUp.searchParams.set('iss', 'https://evil.example');
        statuses.push((await fetch(mixedUp)).status);
      },
    });
    expect(statuses).toEqual([404, 200]);
    expect(refused).toMatchObject({ code: 7, err: expect.stringContaining('does not answer as it should') });
    expect(await cli.run(['whoami'])).toMatchObject({ code: 0 });
  });

  it('ends with 3 when the person refuses', async () => {
    const ended = await loginByBrowser(cli, owner, [], { consent: (browser, page) => browser.submit(page, {}, '/abort') });
    expect(ended).toMatchObject({ code: 3, err: expect.stringMatching(/The sign-in was refused. It says: The person refused. Begin again/) });
  });

  it('at a server that does not say where, names the way that is left', async () => {
    const old = createServer((_request, response) =>
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"status":404,"title":"Not Found"}'),
    ).listen(0, '127.0.0.1');
    await once(old, 'listening');
    await cli.run(['context', 'set', 'old', '--server', `http://127.0.0.1:${(old.address() as AddressInfo).port}`]);
    expect(await cli.run(['login'])).toMatchObject({ code: 1, err: expect.stringContaining('--with-token') });
    old.close();
    await cli.run(['context', 'use', 'test']);
  });

  it('takes one way at a time', async () => {
    for (const args of [
      ['--device', '--with-token'],
      ['--with-token', '--tenant', 'x'],
    ])
      expect((await cli.run(['login', ...args])).code).toBe(2);
  });

  it('--device signs in by a code that is typed into a browser elsewhere', async () => {
    expect(await loginByDevice(cli, owner)).toMatchObject({ code: 0, out: expect.stringContaining('as Ada <ada@example.com>') });
    expect(await whoami()).toMatchObject({ roles: ['owner'] });
  });

  it('revokes the sign-in that it replaces', async () => {
    const before = kept()?.access_token;
    const grants = () => count(`SELECT count(*) FROM oidc_payload WHERE model = 'Grant'`);
    const grantsBefore = await grants();
    await loginByBrowser(cli, owner);
    await vi.waitFor(async () => expect((await plane.request('GET', '/v1/session', { token: before })).status).toBe(401));
    expect(await grants()).toBe(grantsBefore);
  });
});

describe('the access token', () => {
  it('is renewed once, by whichever of several processes comes first', async () => {
    endAccessToken();
    const before = await refreshTokens();
    const main = join(import.meta.dirname, '../../clients/stoactl/main.ts');
    const env = { PATH: process.env['PATH'], STOA_CONFIG: join(cli.dir, 'config.yaml'), STOA_KEYRING: 'off' };
    const codes = await Promise.all(
      Array.from({ length: 4 }, async () => (await once(spawn(process.execPath, [main, 'whoami'], { env, stdio: 'ignore' }), 'exit'))[0] as number),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    expect((await refreshTokens()) - before).toBe(1);
  });

  it('is renewed when the server refuses it before its time, and the request sent again', async () => {
    await plane.context.db.pool.query(`DELETE FROM oidc_payload WHERE model = 'AccessToken'`);
    forget();
    const before = kept()?.access_token;
    expect(await cli.run(['get', 'apis', '-o', 'json'])).toMatchObject({ code: 0, err: '' });
    expect(kept()?.access_token).not.toBe(before);
  });

  it('that has ended cannot be renewed while the issuer is away, which is no sign-out', async () => {
    const proxy = createServer((_request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const file = readFileSync(tokensFile(), 'utf8');
    writeFileSync(tokensFile(), file.replaceAll(`${plane.url}/oidc`, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/oidc`));
    endAccessToken();
    expect(await cli.run(['get', 'apis'])).toMatchObject({ code: 7, err: expect.stringContaining('issuer') });
    proxy.close();
    writeFileSync(tokensFile(), file);
    expect(await cli.run(['get', 'apis'])).toMatchObject({ code: 0 });
  });
});

describe('of several tenants', () => {
  beforeAll(async () => {
    await plane.store.pool.query(
      `WITH made AS (INSERT INTO tenant (name) VALUES ('acme') RETURNING id) INSERT INTO membership (user_id, tenant_id, roles) SELECT u.id, made.id, '{viewer}' FROM app_user u, made`,
    );
  });

  it('one is named with --tenant, and the token is good in that one alone', async () => {
    await cli.run(['context', 'set', 'acme', '--server', plane.url]);
    expect(await loginByBrowser(cli, owner, ['--tenant', 'acme'])).toMatchObject({ code: 0, out: expect.stringContaining('in the tenant acme') });
    expect(await whoami()).toMatchObject({ tenant: { name: 'acme' }, roles: ['viewer'] });
    expect(await whoami(['--context', 'test'])).toMatchObject({ tenant: { name: 'default' }, roles: ['owner'] });
    endAccessToken();
    expect(await whoami()).toMatchObject({ tenant: { name: 'acme' }, roles: ['viewer'] });
  });

  it('one is chosen in the browser, where none is named', async () => {
    const ended = await loginByBrowser(cli, owner, [], {
      consent: async (browser, page) => {
        expect(page.text).toMatch(/In which tenant\?.*default.*acme/s);
        const [, acme = ''] = /name="tenant" value="([^"]+)" required> acme/.exec(page.text) ?? [];
        return browser.submit(await browser.submit(page, {}, '/consent'), { tenant: acme }, '/consent');
      },
    });
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('in the tenant acme') });
  });

  it('one that the person does not belong to is refused', async () => {
    expect(await loginByBrowser(cli, owner, ['--tenant', 'nowhere'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('You do not belong to a tenant nowhere'),
    });
  });

  it('the sign-in ends with the membership, at once, and cannot be renewed', async () => {
    await plane.context.db.pool.query(`DELETE FROM membership WHERE tenant_id = (SELECT id FROM tenant WHERE name = 'acme')`);
    forget();
    expect(await cli.run(['get', 'apis'])).toMatchObject({ code: 3, err: expect.stringContaining('stoactl login') });
    expect(await whoami(['--context', 'test'])).toMatchObject({ tenant: { name: 'default' } });
  });
});

describe('stoactl logout', () => {
  it('revokes at the issuer what was signed in to, removes it, and leaves other contexts alone', async () => {
    await cli.run(['context', 'set', 'second', '--server', plane.url]);
    await loginByBrowser(cli, owner);
    const token = kept('second')?.access_token;
    expect(await cli.run(['logout'])).toEqual({
      code: 0,
      out: `The token of the context second is removed, and its sign-in is revoked at ${plane.url}/oidc.\n`,
      err: '',
    });
    await vi.waitFor(async () => expect((await plane.request('GET', '/v1/session', { token })).status).toBe(401));
    expect(kept('second')).toBeUndefined();
    expect(await cli.run(['whoami'])).toMatchObject({ code: 3 });
    expect((await cli.run(['--context', 'test', 'whoami'])).code).toBe(0);
  });

  it('is what deleting a context does as well, and giving it another token or server', async () => {
    await loginByBrowser(cli, owner);
    const token = kept('second')?.access_token;
    await cli.run(['context', 'rename', 'second', 'third']);
    expect(await cli.run(['whoami'])).toMatchObject({ code: 0 });
    expect(await cli.run(['context', 'set', 'third', '--token-file', '-'], { stdin: plane.adminToken })).toMatchObject({ code: 0, err: '' });
    await vi.waitFor(async () => expect((await plane.request('GET', '/v1/session', { token })).status).toBe(401));
    expect(await cli.run(['context', 'delete', 'third'])).toMatchObject({ code: 0, err: '' });
  });

  it('removes the token where the issuer is away, and says what is left to do', async () => {
    await cli.run(['context', 'use', 'test']);
    const file = readFileSync(tokensFile(), 'utf8');
    writeFileSync(tokensFile(), file.replaceAll(`${plane.url}/oidc`, 'http://127.0.0.1:9/oidc'));
    expect(await cli.run(['logout'])).toMatchObject({ code: 1, err: expect.stringMatching(/cannot be reached.*\nIt is not revoked at the issuer/) });
    expect(kept()).toBeUndefined();
  });
});
