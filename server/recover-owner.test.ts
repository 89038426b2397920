import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiled } from '@stoa/lib/testing/compiled.ts';
import { startTestControlPlane } from './testing/test-control-plane.ts';
import type { TestControlPlane } from './testing/test-control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  // An issuer that is away.
  const external = {
    STOA_OIDC_ISSUER: 'http://127.0.0.1:9',
    STOA_OIDC_CLIENT_ID: 'x',
    STOA_OIDC_CLIENT_SECRET: 'x',
    STOA_OIDC_ROLES: 'owners=owner',
  };
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent', ...external });
});
afterAll(() => plane.close());

/** The program itself, in a process of its own, with the settings of the database and nothing else. */
async function recover(env: Record<string, string> = {}): Promise<{ code: string; stdout: string; stderr: string }> {
  const { databaseOwnerUrl, databaseUnscopedUrl, databaseUrl, masterKey } = plane.context.settings;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--no-warnings', join(import.meta.dirname, 'main.ts'), 'recover-owner'], {
    env: {
      PATH: process.env['PATH'],
      ...compiled(),
      DATABASE_URL: databaseUrl?.reveal(),
      STOA_DATABASE_UNSCOPED_URL: databaseUnscopedUrl?.reveal(),
      STOA_DATABASE_OWNER_URL: databaseOwnerUrl?.reveal(),
      STOA_MASTER_KEY: masterKey?.reveal(),
      STOA_PUBLIC_URL: 'https://stoa.example',
      ...env,
    },
  });
  return { code: /https:\/\/stoa\.example\/sign-in#code=(stoa_si_[\w-]{43})\n/.exec(stdout)?.[1] ?? '', stdout, stderr };
}
const signIn = async (code: string) => {
  const { status, body, headers } = await plane.request('POST', '/v1/session', { token: undefined, body: { code } });
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { status, body, ask: (path: string) => plane.request('GET', path, { token: undefined, headers: { cookie } }) };
};

it('recover-owner prints a link that signs one browser in as an owner, with the issuer away, and says so in the log', async () => {
  const { code, stderr } = await recover();
  expect(stderr).toMatch(/"level":"?(?:warn|40)/);
  expect(stderr).not.toContain(code);
  const session = await signIn(code);
  expect([session.status, session.body]).toEqual([201, expect.objectContaining({ roles: ['owner'], name: 'recovered owner' })]);
  expect((await session.ask('/v1/operator-tokens')).body['items']).toContainEqual(
    expect.objectContaining({ name: 'recovered owner', roles: ['owner'], state: 'valid' }),
  );
  expect((await signIn(code)).status).toBe(401);
  const { body } = await plane.request<{ items: object[] }>('GET', '/v1/audit?action=recoverOwner');
  expect(body.items).toMatchObject([
    {
      kind: 'sign-in',
      outcome: 'done',
      actor: { kind: 'server', name: expect.stringContaining(userInfo().username) },
      object: { name: 'recovered owner' },
    },
  ]);
  expect(JSON.stringify(body)).not.toContain(code);
});

it('recover-owner ends what an earlier one began, and so does revoking its token', async () => {
  const first = await signIn((await recover()).code);
  const second = await signIn((await recover()).code);
  expect([(await first.ask('/v1/session')).status, (await second.ask('/v1/session')).status]).toEqual([401, 200]);
  const { body } = await plane.request<{ items: { token_id: string; name: string; state: string }[] }>('GET', '/v1/operator-tokens');
  const token = body.items.find(({ name, state }) => name === 'recovered owner' && state === 'valid');
  await plane.request('DELETE', `/v1/operator-tokens/${token?.token_id}`);
  expect((await second.ask('/v1/session')).status).toBe(401);
});

it('recover-owner makes an owner of the tenant of the platform, whatever that is called, and of no other that took its name', async () => {
  await plane.store.pool.query(`UPDATE tenant SET name = 'platform-team' WHERE name = 'default'`);
  await plane.store.pool.query(`INSERT INTO tenant (name) VALUES ('default')`);
  const session = await signIn((await recover()).code);
  expect((await session.ask('/v1/session')).body).toMatchObject({ tenant: { name: 'platform-team' } });
});

it('recover-owner refuses another master key', async () => {
  const key = Buffer.alloc(32, 3).toString('base64');
  await expect(recover({ STOA_MASTER_KEY: key })).rejects.toThrow('This database was made under another master key');
});
