import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationPermissions, roles } from '@stoa/generated/permissions.ts';
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
  await cli.run(['context', 'set', 'test', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
  const { id: tenant_id } = await plane.store.prisma.tenant.findFirstOrThrow();
  for (const [name, role] of [
    ['ada', 'owner'],
    ['grace', 'viewer'],
  ] as const)
    await plane.store.prisma.app_user.create({
      data: { name, email: `${name}@example.com`, memberships: { create: { tenant_id, roles: [role] } } },
    });
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

describe('stoactl users', () => {
  it('lists people, shows one by the address, and makes somebody something else', async () => {
    expect((await run('users list')).out).toMatch(
      /^EMAIL +NAME +ROLES +STATE\nada@example\.com +ada +owner +active\ngrace@example\.com +grace +viewer +active\n$/,
    );
    expect(JSON.parse((await run('users get grace@example.com -o json')).out)).toMatchObject({ name: 'grace', roles: ['viewer'] });
    expect(await run('users edit grace@example.com --role publisher --role operator')).toEqual({
      code: 0,
      out: 'user/grace@example.com active, publisher, operator\n',
      err: '',
    });
    expect((await run('users disable grace@example.com')).out).toBe('user/grace@example.com disabled, publisher, operator\n');
    expect((await run('users enable grace@example.com')).out).toContain(' active, ');
    expect(await run('users edit ada@example.com --role viewer')).toMatchObject({ code: 6, err: expect.stringContaining('no owner left') });
    expect(await run('users remove grace@example.com')).toMatchObject({ code: 0, out: 'user/grace@example.com removed\n' });
    expect((await run('users get grace@example.com')).code).toBe(5);
    expect(await run('users edit ada@example.com')).toMatchObject({ code: 2, err: expect.stringContaining('--role') });
  });

  it('prints to stdout the link by which somebody joins, and nothing else there', async () => {
    const invited = await run('users invite lin@example.com --role publisher');
    expect(invited).toMatchObject({ code: 0, err: expect.stringMatching(/^lin@example\.com joins by it, once, until .*, as publisher\./) });
    expect(invited.out).toMatch(/^http\S+\/join\?code=stoa_in_\S+\n$/);
    expect(JSON.parse((await run('users invite --role viewer -o json')).out)).toMatchObject({ url: expect.stringContaining('/join?') });
    expect(await run('users invite --role publsher')).toMatchObject({ code: 2, err: 'There is no role publsher: did you mean publisher?\n' });
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'viewer', role: 'viewer' } });
    expect((await run('users invite --role viewer', { env: { STOA_TOKEN: body.secret } })).code).toBe(4);
    const anew = await run('users reset-link ada@example.com');
    expect(anew).toMatchObject({ code: 0, err: expect.stringMatching(/^ada@example\.com sets password and authenticator anew by it, once, until /) });
    expect((await (await fetch(anew.out.trim())).text()).includes('Choose a new password')).toBe(true);
    expect((await run('users reset-link nobody@example.com')).code).toBe(5);
  });
});

describe('stoactl users invitations', () => {
  it('lists by whom somebody may join still, without the links, and revokes one', async () => {
    const link = (await run('users invite ken@example.com --role operator')).out.trim();
    const listed = await run('users invitations list');
    expect(listed.out).toMatch(/^FOR +ROLES +INVITED BY +EXPIRES\n/);
    expect(listed.out).toMatch(/ken@example\.com +operator +/);
    expect(listed.out).not.toContain(link.slice(-20));
    expect((await fetch(link)).status).toBe(200);
    expect(await run('users invitations revoke ken@example.com')).toMatchObject({ code: 0, out: 'invitation/ken@example.com revoked\n' });
    expect((await fetch(link)).status).toBe(404);
    expect((await run('users invitations list')).out).not.toContain('ken@example.com');
    expect((await run('users invitations revoke ken@example.com')).code).toBe(5);
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'admin', role: 'admin' } });
    await run('users invite boss@example.com --role owner');
    expect(await run('users invitations revoke boss@example.com', { env: { STOA_TOKEN: body.secret } })).toMatchObject({ code: 4 });
    expect((await run('users invitations list')).out).toContain('boss@example.com');
  });
});

describe('stoactl roles', () => {
  const offline = { env: { STOA_CONFIG: '/nowhere/config.yaml' } };

  it('lists the roles and tells which operations each may, as the table of rights has it, without a server', async () => {
    const { out } = await run('roles list', offline);
    for (const [role, { description }] of Object.entries(roles)) expect(out).toMatch(new RegExp(`^${role} +\\d+ +${description}$`, 'm'));
    type Described = { permissions: { permission: string; operations: string[] }[] };
    const { permissions } = JSON.parse((await run('roles describe publisher -o json', offline)).out) as Described;
    const operations = permissions.flatMap((each) => each.operations);
    const allowed = Object.entries(operationPermissions).flatMap(([operation, permission]) =>
      roles.publisher.permissions.some((each) => each === permission) ? [operation] : [],
    );
    expect(operations.sort()).toEqual(allowed.sort());
    expect((await run('roles describe publisher', offline)).out).toMatch(/^deployments\.write +Deploy APIs.* createDeployment, deleteDeployment/m);
    expect((await run('roles describe owner', offline)).out).toContain('createInvitation');
    expect(await run('roles describe pubisher', offline)).toMatchObject({ code: 2, err: 'There is no role pubisher: did you mean publisher?\n' });
  });
});
