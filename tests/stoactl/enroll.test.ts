import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { settings } from '@stoa/connect/config.ts';
import { enroll as enrollByItself } from '@stoa/connect/enroll.ts';
import { startConnect } from '@stoa/connect/start.ts';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { joinAsOwner } from '@stoa/server/testing/person.ts';
import type { Person } from '@stoa/server/testing/person.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { parse } from 'yaml';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';
import { atDevicePage } from './signing-in.ts';

let plane: TestControlPlane;
let cli: CommandLine;
let kong: KongSimulator;
beforeAll(async () => {
  plane = await startTestControlPlane();
  kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
  cli = commandLine();
  await cli.run(['context', 'set', 'test', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
});
afterAll(async () => {
  cli.remove();
  await kong.close();
  await plane.close();
});

type Key = { key_id: string; name: string; environments: string[]; modes: string[]; instance_name?: string; state: string };
const keys = async () => (await plane.request<{ items: Key[] }>('GET', '/v1/gateway-keys')).body.items;
const dir = () => join(cli.dir, 'vm');
const tls = (name: string) => join(import.meta.dirname, '../../lib/testing/tls', name);
const enroll = (more: string[] = [], given = {}) =>
  cli.run(
    ['enroll', '--target-url', kong.adminUrl, '--environment', 'staging', '--name', 'kong-eu-1', '--label', 'region=eu', '--dir', dir(), ...more],
    given,
  );

describe('stoactl enroll', () => {
  it('looks at the gateway, mints a key for this instance alone, and writes a configuration with which Connect starts and registers', async () => {
    const ended = await enroll();
    expect(ended).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/it answers, as kong 3\.\d.*\n[\s\S]*Next: stoa-connect --config /) });
    const [config, key] = [join(dir(), 'connect.yaml'), join(dir(), 'gateway.key')];
    const secret = readFileSync(key, 'utf8').trim();
    expect(secret).toMatch(/^stoa_gk_/);
    for (const shown of [ended.out, readFileSync(config, 'utf8')]) expect(shown).not.toContain(secret);
    for (const file of [config, key]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await keys()).toMatchObject([
      { name: 'kong-eu-1', environments: ['staging'], modes: ['connect'], instance_name: 'kong-eu-1', state: 'valid' },
    ]);
    const connect = await startConnect(
      settings.load({ argv: ['--config', config], env: { STOA_LISTEN: '127.0.0.1:0' } }),
      createLogger({ program: 'test', level: 'error' }),
    );
    await vi.waitFor(
      async () => {
        const { body } = await plane.request<{ items: object[] }>('GET', '/v1/gateways');
        expect(body.items).toMatchObject([{ instance_name: 'kong-eu-1', environment: 'staging', gateway_mode: 'connect', labels: { region: 'eu' } }]);
      },
      { timeout: 20_000 },
    );
    await connect.stop();
  });

  it('takes the settings of another kind of gateway, says which are missing by its own flags, and tells what goes wrong there', async () => {
    const at = (more: string[]) =>
      cli.run(['enroll', '--target-url', kong.adminUrl, '--environment', 'staging', '--name', 'vm-2', '--dir', join(cli.dir, 'vm-2'), ...more]);
    expect(await at(['--target', 'nginx'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--set nginx_dir and --set nginx_listen must be set for a gateway of the type nginx'),
    });
    const own = ['--set', 'nginx_dir=here', '--set', 'nginx_listen=8080'];
    expect(await at(['--target', 'caddy', ...own])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--set nginx_dir is not for a gateway of the type caddy'),
    });
    expect(await at(['--target', 'nginx', ...own, '--set', 'nginx_program=/no/such/nginx'])).toMatchObject({
      code: 7,
      err: expect.stringContaining('/no/such/nginx is not an nginx that can be run here: correct --set nginx_program'),
    });
    for (const wrong of ['nginx_dir', 'listen=x', 'kong_redis_url=redis://x'])
      expect(await at(['--target', 'nginx', '--set', wrong])).toMatchObject({ code: 2, err: expect.stringContaining('--set') });
    expect(await keys()).toHaveLength(1);
  });

  it('mints the key for a team that is named', async () => {
    expect(await enroll(['--force', '--team', 'nobody'])).toMatchObject({ code: 2, err: expect.stringContaining('team') });
    expect(await keys()).toHaveLength(1);
  });

  it('replaces nothing without --force, and mints nothing then', async () => {
    const before = readFileSync(join(dir(), 'gateway.key'), 'utf8');
    expect(await enroll()).toMatchObject({ code: 6, err: expect.stringContaining('--force') });
    expect(readFileSync(join(dir(), 'gateway.key'), 'utf8')).toBe(before);
    expect(await keys()).toHaveLength(1);
    expect((await enroll(['--force'])).code).toBe(0);
    expect(readFileSync(join(dir(), 'gateway.key'), 'utf8')).not.toBe(before);
  });

  it('mints nothing while the gateway is away, is another, or refuses its credential', async () => {
    const server = createServer((_request, response) => response.writeHead(401).end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const before = (await keys()).length;
    for (const [url, words] of [
      ['http://127.0.0.1:9', /cannot be reached .*--target-url.* No key was made\.\n$/],
      [`http://127.0.0.1:${(server.address() as AddressInfo).port}`, /Kong answered 401.* No key was made\.\n$/],
      [plane.url, /No key was made\.\n$/],
    ] as const)
      expect(await enroll(['--target-url', url, '--force'])).toMatchObject({ code: 7, err: expect.stringMatching(words) });
    server.close();
    expect(await keys()).toHaveLength(before);
  });

  it('judges what it is told as Connect does, in the words of its own flags, and asks for the right to mint', async () => {
    expect(await enroll(['--environment', 'Staging', '--force'])).toMatchObject({ code: 2, err: expect.stringMatching(/^--environment must be/) });
    expect(await enroll(['--target', 'apache', '--force'])).toMatchObject({ code: 2, err: expect.stringMatching(/^--target must be one of kong/) });
    expect(await enroll(['--ca-file', '/nowhere.pem', '--force'])).toMatchObject({ code: 2, err: expect.stringMatching(/^--ca-file names/) });
    const alone = await enroll(['--target-cert-file', tls('server.pem'), '--force']);
    expect(alone).toMatchObject({ code: 2, err: expect.stringMatching(/^--target-key-file is missing/) });
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'viewer', role: 'viewer' } });
    expect(await enroll(['--force'], { env: { STOA_TOKEN: body.secret } })).toMatchObject({ code: 4 });
  });

  it('revokes the key again when its files cannot be written', async () => {
    writeFileSync(join(cli.dir, 'a-file'), '');
    const before = (await keys()).length;
    expect(await enroll(['--dir', join(cli.dir, 'a-file/vm')])).toMatchObject({ code: 1, err: expect.stringContaining('revoked again') });
    expect((await keys()).slice(before)).toMatchObject([{ state: 'revoked' }]);
  });
});

describe('stoa-connect enroll', () => {
  const place = () => join(cli.dir, 'by-itself');
  const asked = () => [
    '--server',
    plane.url,
    '--target-url',
    kong.adminUrl,
    '--environment',
    'staging',
    '--name',
    'kong-eu-2',
    '--label',
    'region=eu',
  ];
  const byItself = (person: Person | undefined, more: string[] = []) => {
    const page = atDevicePage(person);
    const said: string[] = [];
    const say = (text: string) => (said.push(text), page.onErr(text));
    const ended = enrollByItself([...asked(), '--config', join(place(), 'connect.yaml'), ...more], {}, say, new AbortController().signal);
    return ended.finally(page.walked).then((out) => ({ out, said }));
  };
  const count = async (model: string) => (await plane.store.prisma.oidc_payload.findMany({ where: { model } })).length;

  it('signs somebody in by a code, and keeps of that the gateway key alone, in the files that stoactl writes', async () => {
    const { out, said } = await byItself(await joinAsOwner(plane));
    const [config, key] = [join(place(), 'connect.yaml'), join(place(), 'gateway.key')];
    expect(readdirSync(place()).sort()).toEqual(['connect.yaml', 'gateway.key']);
    for (const file of [config, key]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await keys()).toContainEqual(
      expect.objectContaining({ name: 'kong-eu-2', environments: ['staging'], modes: ['connect'], state: 'valid' }),
    );
    for (const shown of [out, ...said, readFileSync(config, 'utf8')]) expect(shown).not.toContain(readFileSync(key, 'utf8').trim());
    expect(await Promise.all([count('RefreshToken'), count('AccessToken')])).toEqual([0, 0]);
    const alike = (file: string) => parse(readFileSync(file, 'utf8').replaceAll(place(), '/here').replaceAll(dir(), '/here')) as object;
    expect({ ...alike(config), instance_name: '' }).toEqual({ ...alike(join(dir(), 'connect.yaml')), instance_name: '' });
  });

  it('asks for nobody while something is wrong: with what it is told, with the gateway, with files that are there', async () => {
    const before = (await keys()).length;
    for (const [more, words] of [
      [['--target-url', 'http://127.0.0.1:9'], /gateway\.key is there already|connect\.yaml is there already/],
      [['--force', '--target-url', 'http://127.0.0.1:9'], /cannot be reached .*--target-url.* No key was made\./],
      [['--force', '--environment', 'Staging'], /^--environment must be/],
      [['--force', '--server', 'nowhere'], /^--server must be a URL/],
      [['--force', '--server', kong.adminUrl], /as no Control Plane does: check --server\./],
      [['--force', '--target-key-file', tls('server.key')], /^--target-cert-file is missing/],
      [['--colour', 'red'], /--colour/],
    ] as const)
      await expect(byItself(undefined, [...more])).rejects.toThrow(words);
    const usage = expect.stringMatching(/^Usage: stoa-connect [\s\S]* enroll [\s\S]*--target-cert-file FILE/) as string;
    await expect(byItself(undefined, ['--help'])).rejects.toMatchObject({ output: usage, exitCode: 0 });
    expect(await keys()).toHaveLength(before);
  });
});

describe('stoactl doctor', () => {
  type Finding = { check: string; status: string; found: string; remedy?: string };
  const doctor = async (args: string[] = [], given = {}) => {
    const { code, out } = await cli.run(['doctor', '-o', 'json', ...args], given);
    const { items } = JSON.parse(out) as { items: Finding[] };
    return { code, of: (check: string) => items.find((finding) => finding.check === check), items };
  };

  it('looks at everything, tells what is well, and has a remedy for what is not', async () => {
    const { code, items, of } = await doctor();
    expect(items.map(({ check, status }) => [check, status])).toEqual([
      ['context', 'ok'],
      ['files', 'ok'],
      ['reachability', 'ok'],
      ['tls', 'ok'],
      ['clock', 'ok'],
      ['versions', 'ok'],
      ['contract', 'ok'],
      ['issuer', 'ok'],
      ['token', 'ok'],
      ['rights', 'ok'],
      ['gateway keys', 'ok'],
    ]);
    expect(code).toBe(0);
    expect(of('rights')?.found).toMatch(/is owner in default, with \d+ permissions/);
    expect((await cli.run(['doctor'])).out).toMatch(/^CHECK +STATUS +FOUND +REMEDY\n/);
    const wide = await plane.request<{ key: Key }>('POST', '/v1/gateway-keys', { body: { name: 'for-anything' } });
    expect((await doctor()).of('gateway keys')).toMatchObject({
      status: 'warning',
      found: expect.stringContaining('for-anything'),
      remedy: expect.stringMatching(/revoke/),
    });
    await plane.request('DELETE', `/v1/gateway-keys/${wide.body.key.key_id}`);
  });

  it('ends with 1 when nobody is signed in, or the server is away or another', async () => {
    expect(await doctor([], { env: { STOA_TOKEN: 'stoa_op_wrong' } })).toMatchObject({ code: 1 });
    await cli.run(['context', 'set', 'away', '--server', 'http://127.0.0.1:9']);
    const away = await doctor();
    expect([away.code, away.of('reachability')]).toMatchObject([1, { status: 'failed', remedy: expect.stringContaining('stoactl context list') }]);
    await cli.run(['context', 'set', 'kong', '--server', kong.adminUrl]);
    expect((await doctor()).of('reachability')).toMatchObject({ status: 'failed', found: expect.stringContaining('no Control Plane') });
    await cli.run(['context', 'use', 'test']);
    expect(await doctor(['--context', 'nowhere'])).toMatchObject({ code: 1 });
  });

  it('tells of a certificate that this machine does not trust, and until when one is good that it does', async () => {
    const version = { product: 'STOA Control Plane', version: '0.1.0', contract_revision: 1 };
    const server = createTlsServer({ cert: readFileSync(tls('server.pem')), key: readFileSync(tls('server.key')) }, (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(version)),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await cli.run(['context', 'set', 'tls', '--server', `https://localhost:${(server.address() as AddressInfo).port}`]);
    expect((await doctor()).of('tls')).toMatchObject({ status: 'failed', remedy: expect.stringContaining('--ca-file') });
    await cli.run(['context', 'set', 'tls', '--ca-file', tls('ca.pem')]);
    expect((await doctor()).of('tls')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(/^TLSv1\.3, and its certificate, is good until \d{4}-/),
    });
    server.close();
    server.closeAllConnections();
    await cli.run(['context', 'use', 'test']);
  });

  it('looks at a Connect of this machine: what it reaches, and whether its key is for it', async () => {
    const file = join(dir(), 'connect.yaml');
    const good = await doctor(['--connect-config', file]);
    expect(good.items.filter(({ check }) => check.startsWith('connect')).map(({ check, status }) => [check, status])).toEqual([
      ['connect', 'ok'],
      ['connect: control plane', 'ok'],
      ['connect: state directory', 'ok'],
      ['connect: admin api of kong', 'ok'],
      ['connect: key', 'ok'],
    ]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('environment: staging', 'environment: production'));
    expect(await doctor(['--connect-config', file])).toMatchObject({ code: 1 });
    expect((await doctor(['--connect-config', file])).of('connect: key')).toMatchObject({
      status: 'failed',
      found: 'the key kong-eu-1 is not good for the environment production',
      remedy: `Mint one that is: stoactl enroll --target kong --target-url ${kong.adminUrl} --environment production --name kong-eu-1 --dir ${dir()} --force`,
    });
    expect((await doctor(['--connect-config', join(dir(), 'none.yaml')])).of('connect')).toMatchObject({ status: 'failed' });
  });
});
