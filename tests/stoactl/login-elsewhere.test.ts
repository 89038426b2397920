import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInThere, startSecondIssuer } from '@stoa/server/testing/second-issuer/start.ts';
import type { SecondIssuer } from '@stoa/server/testing/second-issuer/start.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';
import { loginByBrowser, loginByDevice } from './signing-in.ts';
import type { AtBrowser } from './signing-in.ts';

let issuer: SecondIssuer;
let plane: TestControlPlane;
let cli: CommandLine;
beforeAll(async () => {
  issuer = await startSecondIssuer();
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent', ...issuer.env });
  await issuer.serve(plane.url);
  cli = commandLine();
  await cli.run(['context', 'set', 'test', '--server', plane.url]);
});
afterAll(async () => {
  cli.remove();
  await plane?.close();
  await issuer?.close();
});

const groups = (...names: string[]) => issuer.person({ sub: 'ann', name: 'Ann', email: 'ann@example.com', groups: names });
const asAnn: AtBrowser = { signIn: (browser, page) => signInThere(browser, page, 'ann') };
const whoami = async () => JSON.parse((await cli.run(['whoami', '-o', 'json'])).out) as Record<string, unknown>;

describe('with an issuer of the company, which the server names', () => {
  it('stoactl signs in by a browser, and what one may do is what the groups give', async () => {
    await groups('/stoa/owners');
    expect(await loginByBrowser(cli, undefined, [], asAnn)).toMatchObject({ code: 0, out: expect.stringContaining('as Ann <ann@example.com>') });
    expect(await whoami()).toMatchObject({ issuer: issuer.url, roles: ['owner'], tenant: { name: 'default' } });
    expect(await cli.run(['get', 'gateways', '-o', 'json'])).toMatchObject({ code: 0 });
  });

  it('a token is renewed there, and says what the groups are by then', async () => {
    await groups('/stoa/readers');
    const file = join(cli.dir, 'config.yaml.tokens.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"expires_at": "[^"]+"/, `"expires_at": "${new Date(0).toISOString()}"`));
    expect(await whoami()).toMatchObject({ roles: ['viewer'] });
  });

  it('a tenant that it cannot be asked for is told of, and not taken for another', async () => {
    expect(await loginByBrowser(cli, undefined, ['--tenant', 'acme'], asAnn)).toMatchObject({
      code: 4,
      err: expect.stringContaining('the tenant default and not to acme'),
    });
    expect(await whoami()).toMatchObject({ tenant: { name: 'default' } });
  });

  it('who has no role here is told so', async () => {
    await groups('/elsewhere');
    expect(await loginByBrowser(cli, undefined, [], asAnn)).toMatchObject({ code: 4, err: expect.stringContaining('none of the groups') });
    await groups('/stoa/readers');
  });

  it('stoactl signs in by a device code, and signs out', async () => {
    expect(await loginByDevice(cli, undefined, asAnn)).toMatchObject({ code: 0 });
    expect(await whoami()).toMatchObject({ roles: ['viewer'] });
    expect(await cli.run(['logout'])).toMatchObject({ code: 0, out: expect.stringContaining(`revoked at ${issuer.url}`) });
  });
});
