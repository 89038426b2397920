import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditRecord } from '@stoa/generated/schemas.ts';
import { keysChannel } from '../secrets/keys-channel.ts';
import { askForToken, codeFor, commandLine } from '../testing/oauth-client.ts';
import type { Tokens } from '../testing/oauth-client.ts';
import { joinAsOwner } from '../testing/person.ts';
import { ScriptedBrowser } from '../testing/scripted-browser.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { deleteRetiredIssuerKeys, rotateIssuerKeys } from './signing-keys.ts';

let plane: TestControlPlane;
let replica: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  replica = await plane.startAnother({ STOA_PUBLIC_URL: plane.url });
});
afterAll(async () => {
  await replica.close();
  await plane.close();
});

const eventually = { timeout: 10_000 };
const publishedBy = async ({ url }: TestControlPlane) => (await (await fetch(`${url}/oidc/jwks`)).json()) as JSONWebKeySet;
const namesOf = async (server: TestControlPlane) => (await publishedBy(server)).keys.map(({ kid }) => kid);
const keyOf = ({ id_token: token = '' }: Tokens) => decodeProtectedHeader(token).kid;
const renewed = async ({ url }: TestControlPlane, { refresh_token: token = '' }: Tokens) =>
  (await askForToken(`${url}/oidc`, { grant_type: 'refresh_token', client_id: commandLine.clientId, refresh_token: token })).body;
/** As if so much time had gone by since the keys were made to sign. */
async function signsSince(interval: string) {
  const since = `UPDATE control_plane_state SET value = jsonb_build_object('signs_from', now() - $1::interval) WHERE key LIKE 'issuer\\_keys:%'`;
  await plane.store.pool.query(since, [interval]);
  await deleteRetiredIssuerKeys(plane.store.pool);
  await plane.store.pool.query('SELECT pg_notify($1, $2)', [keysChannel, '']);
}

it('publishes new keys on every replica before one signs, then the old ones for a day, and signs nobody out', async () => {
  const owner = await joinAsOwner(plane);
  const issuer = `${plane.url}/oidc`;
  const { body: tokens } = await askForToken(issuer, await codeFor(issuer, commandLine, new ScriptedBrowser(plane.url), owner));
  const old = await namesOf(plane);
  expect(old).toHaveLength(2);

  const { pool } = plane.context.db;
  const { keyId } = await rotateIssuerKeys(pool, plane.context.keys);
  for (const server of [plane, replica]) await expect.poll(() => namesOf(server), eventually).toEqual([...old, keyId, expect.any(String)]);
  await expect(rotateIssuerKeys(pool, plane.context.keys)).rejects.toThrow('begin to sign in 10 minutes');
  const meanwhile = await renewed(replica, tokens);
  expect(keyOf(meanwhile)).toBe(keyOf(tokens));

  await signsSince('1 second');
  for (const server of [plane, replica]) await expect.poll(async () => (await namesOf(server))[0], eventually).toBe(keyId);
  const after = await renewed(replica, meanwhile);
  const published = createLocalJWKSet(await publishedBy(plane));
  for (const { id_token: token = '' } of [tokens, meanwhile, after]) await jwtVerify(token, published, { issuer });
  expect(old).not.toContain(keyOf(after));
  expect((await plane.request('GET', '/v1/session', { token: tokens.access_token })).status).toBe(200);

  await signsSince('25 hours');
  for (const server of [plane, replica]) await expect.poll(async () => (await namesOf(server)).length, eventually).toBe(2);
  expect(await namesOf(plane)).toContain(keyOf(after));
  expect((await renewed(plane, after)).id_token).toBeDefined();
  const { body } = await plane.request<{ items: AuditRecord[] }>('GET', '/v1/audit?action=rotateIssuerKeys');
  expect(body.items).toMatchObject([{ object: { kind: 'key', id: keyId }, actor: { kind: 'server' } }]);
});
