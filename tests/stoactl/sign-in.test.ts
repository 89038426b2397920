import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
beforeAll(async () => {
  plane = await startTestControlPlane();
  cli = commandLine();
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

describe('a context', () => {
  it('is made with a token from a file, in a configuration that is empty, and becomes the current one', async () => {
    writeFileSync(join(cli.dir, 'config.yaml'), '');
    writeFileSync(join(cli.dir, 'token'), `${plane.adminToken}\n`);
    const made = await cli.run(['context', 'set', 'demo', '--server', plane.url, '--token-file', join(cli.dir, 'token')]);
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('a file that its owner alone can read') });
    const config = readFileSync(join(cli.dir, 'config.yaml'), 'utf8');
    expect(config).toContain('current_context: demo');
    expect(config).not.toContain(plane.adminToken);
    expect(statSync(join(cli.dir, 'config.yaml')).mode & 0o777).toBe(0o600);
    writeFileSync(join(cli.dir, 'token'), 'gone');
    expect((await cli.run(['whoami'])).out).toMatch(/role +owner/);
  });

  it('takes a token from stdin, and is chosen by the flag before the variable before the file', async () => {
    await cli.run(['context', 'set', 'other', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
    const context = async (args: string[], env = {}) =>
      (JSON.parse((await cli.run([...args, 'whoami', '-o', 'json'], { env })).out) as { context: string }).context;
    expect(await context([])).toBe('other');
    expect(await context([], { STOA_CONTEXT: 'demo' })).toBe('demo');
    expect(await context(['--context', 'other'], { STOA_CONTEXT: 'demo' })).toBe('other');
  });

  it('is listed, used, renamed with its token, and deleted', async () => {
    expect((await cli.run(['context', 'list', '-o', 'name'])).out).toBe('demo\nother\n');
    await cli.run(['context', 'use', 'demo']);
    expect((await cli.run(['context', 'list'])).out).toMatch(/^\* +demo /m);
    await cli.run(['context', 'rename', 'demo', 'first']);
    expect(await cli.run(['whoami'])).toMatchObject({ code: 0, out: expect.stringContaining('first') });
    expect((await cli.run(['context', 'rename', 'first', 'other'])).code).toBe(6);
    await cli.run(['context', 'delete', 'other']);
    expect(readFileSync(join(cli.dir, 'config.yaml.tokens.json'), 'utf8')).not.toContain('other');
    expect(await cli.run(['context', 'use', 'othr'])).toMatchObject({ code: 5, err: expect.stringContaining('There is no context othr') });
  });

  it('that is given another server does not send it the token of the one before', async () => {
    await cli.run(['context', 'set', 'moved', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
    await cli.run(['context', 'set', 'moved', '--server', 'https://elsewhere.example']);
    expect(await cli.run(['--context', 'moved', 'whoami'])).toMatchObject({ code: 3 });
    await cli.run(['context', 'delete', 'moved']);
    await cli.run(['context', 'use', 'first']);
  });

  it('refuses what is no address, and a token that could not stand in a header, without repeating it', async () => {
    expect(await cli.run(['context', 'set', 'x', '--server', 'stoa.example'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--server must be a URL'),
    });
    const bad = await cli.run(['context', 'set', 'x', '--server', plane.url, '--token-file', '-'], { stdin: 'hunter2 and more' });
    expect(bad).toMatchObject({ code: 2, err: expect.stringContaining('blanks') });
    expect(bad.err).not.toContain('hunter2');
    expect((await cli.run(['whoami'], { env: { STOA_TOKEN: 'hunter2\nx' } })).err).not.toContain('hunter2');
  });

  it('of an address that is not encrypted is warned of, unless it is on this machine', async () => {
    expect((await cli.run(['context', 'set', 'plain', '--server', 'http://stoa.example'])).err).toContain('not encrypted');
    await cli.run(['context', 'delete', 'plain']);
    expect((await cli.run(['context', 'set', 'first', '--server', plane.url])).err).toBe('');
  });
});

describe('signing in', () => {
  it('with a token tries it first, and keeps none that is refused', async () => {
    await cli.run(['logout']);
    expect((await cli.run(['whoami'])).code).toBe(3);
    const refused = await cli.run(['login', '--with-token'], { stdin: 'stoa_op_wrong' });
    expect(refused).toMatchObject({ code: 3, err: expect.stringContaining('stoactl login') });
    expect((await cli.run(['auth', 'status'])).code).toBe(3);
    expect(await cli.run(['login', '--with-token'], { stdin: `${plane.adminToken}\n` })).toMatchObject({
      code: 0,
      out: expect.stringContaining('Signed in to'),
    });
    expect(await cli.run(['auth', 'status'])).toMatchObject({ code: 0, out: expect.stringMatching(/first .* file +as /) });
  });

  it('seals the token where a passphrase is set, and says so', async () => {
    const env = { STOA_KEYRING_PASSPHRASE: 'correct horse' };
    expect((await cli.run(['login', '--with-token'], { stdin: plane.adminToken, env })).out).toContain('sealed by STOA_KEYRING_PASSPHRASE');
    expect(readFileSync(join(cli.dir, 'config.yaml.tokens.json'), 'utf8')).not.toContain(plane.adminToken);
    expect((await cli.run(['whoami'], { env })).code).toBe(0);
    expect(await cli.run(['whoami'])).toMatchObject({ code: 1, err: expect.stringContaining('STOA_KEYRING_PASSPHRASE') });
    await cli.run(['login', '--with-token'], { stdin: plane.adminToken });
  });

  it('holds for one command with STOA_TOKEN, which wins over what is kept', async () => {
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'viewer', role: 'viewer' } });
    expect((await cli.run(['whoami'], { env: { STOA_TOKEN: body.secret } })).out).toMatch(/role +viewer/);
    expect((await cli.run(['whoami'])).out).toMatch(/role +owner/);
  });
});
