import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MadeTenant, Tenant } from '@stoa/generated/schemas.ts';
import { mintCredential } from '@stoa/server/access/credentials.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
const run = (line: string, given = {}) => cli.run(line.split(' '), given);
beforeAll(async () => {
  cli = commandLine();
  plane = await startTestControlPlane();
  await cli.run(['context', 'set', 'platform', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
});
afterAll(async () => {
  cli.remove();
  await plane?.close();
});

const shown = async (name: string) => JSON.parse((await run(`tenants get ${name} -o json`)).out) as Tenant;

it('makes, limits, renames, suspends, resumes and deletes tenants', async () => {
  const created = await run('tenants create payments --limit apis=5 --limit tokens=2');
  expect(created).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^tenant\/payments created\nIts first owner joins.*\n\S+\/join\?code=\S+\n$/),
  });
  const made = JSON.parse((await run('tenants create cards -o json')).out) as MadeTenant;
  expect(made.owner_link?.url).toContain('/join?code=');
  expect((await run('tenants owner-link payments')).out).toContain('/join?code=');
  expect((await run('tenants edit payments --limit apis=none --limit consumers=7 --rename billing')).out).toBe('tenant/billing edited\n');
  expect((await shown('billing')).limits).toEqual({ tokens: 2, consumers: 7 });
  expect((await run('tenants list')).out).toMatch(
    /^NAME +STATE +LIMITS +CREATED\ndefault +platform .*\nbilling +active +(tokens=2,consumers=7|consumers=7,tokens=2) .*\ncards +active/,
  );
  expect((await run('tenants suspend billing')).out).toBe('tenant/billing suspended\n');
  expect((await run('tenants resume billing')).out).toBe('tenant/billing resumed\n');
  expect(await run('tenants delete billing --yes')).toMatchObject({ code: 6, err: expect.stringContaining('Suspend it first') });
  await run('tenants suspend billing');
  expect(await run('tenants delete billing')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  expect((await run('tenants delete billing --yes')).out).toBe('tenant/billing deleted\n');
  expect((await run('tenants get billing')).code).toBe(5);
});

it('says what is wrong with what it is given, and what a suspended tenant can do', async () => {
  expect(await run('tenants edit cards')).toMatchObject({ code: 2 });
  expect(await run('tenants edit cards --limit apis=many')).toMatchObject({ code: 2, err: expect.stringContaining('LIMIT=COUNT') });
  expect(await run('tenants edit cards --limit apes=1')).toMatchObject({ code: 2, err: expect.stringContaining('apes') });
  const { tenant_id } = await shown('cards');
  const { secret, hint } = mintCredential('operatorToken');
  const hmac = new Uint8Array(plane.context.keys.hmac(secret));
  await plane.store.prisma.operator_token.create({ data: { tenant_id, name: 'owner', roles: ['owner'], hint, hmac } });
  expect(await run('tenants list', { env: { STOA_TOKEN: secret } })).toMatchObject({
    code: 4,
    err: expect.stringContaining('tenant of the platform'),
  });
  await run('tenants suspend cards');
  expect(await run('get apis', { env: { STOA_TOKEN: secret } })).toMatchObject({ code: 4, err: expect.stringContaining('stoactl tenants resume') });
});
