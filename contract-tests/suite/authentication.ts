import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { newAddress } from '@stoa/server/testing/new-address.ts';
import { controlPlaneContract } from '../document/contract.ts';
import type { Entry } from '../document/contract.ts';
import type { ControlPlane } from '../subjects/over-http.ts';
import { ifAvailable } from './case.ts';
import type { Check, Suite } from './case.ts';
import { makeToken, samples } from './management/samples.ts';

const isPublic = ({ operation }: Entry): boolean => operation.security.length === 0;
const takesGatewayKeys = ({ operation }: Entry): boolean => operation.security.some((scheme) => 'gatewayKey' in scheme);
const strangers = (entry: Entry): Record<string, string> =>
  Object.fromEntries([...entry.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name ?? '', randomUUID()]));

/** From the documents alone: an operation that is added tomorrow is asked too. */
export const authentication: Suite<ControlPlane> = authenticationOf(controlPlaneContract.entries);

export function authenticationOf(entries: readonly Entry[]): Suite<ControlPlane> {
  return (check) => entries.forEach((entry) => authenticationOfOne(entry, check));
}

const authenticationOfOne = (entry: Entry, check: Check<ControlPlane>): void => {
  const { id } = entry;
  const ask = (controlPlane: ControlPlane, token: string | null, headers: Record<string, string> = {}) =>
    controlPlane.call(id, { path: strangers(entry), token, headers: { 'x-forwarded-for': newAddress(), ...headers } });

  if (isPublic(entry)) {
    check(['AUTH-005'], `${id} is public, and says why`, async (controlPlane) => {
      assert.ok((entry.operation['x-stoa-public'] ?? '').length > 10);
      const { status } = await controlPlane.call(id, { ...(await samples[id]?.(controlPlane)), token: null });
      assert.ok(status < 300);
    });
    return;
  }

  check(['AUTH-005', 'AUTH-001'], `${id} refuses nobody, garbage, and what is expired or revoked, with 401`, async (controlPlane) => {
    assert.equal(entry.operation['x-stoa-public'], undefined);
    const bad: (string | null)[] = [
      null,
      'garbage',
      'stoa_gk_',
      'stoa_op_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      randomUUID(),
      ...((await ifAvailable(() => outOfDateOf(controlPlane))) ?? []),
    ];
    for (const token of bad) {
      const { status, headers, body } = await ask(controlPlane, token);
      assert.equal(status, 401, `with ${token?.slice(0, 9)}`);
      assert.match(headers['www-authenticate'] ?? '', /^Bearer/);
      assert.equal(body['status'], 401);
    }
    const encoded = Buffer.from(`admin:${controlPlane.adminToken}`).toString('base64');
    assert.equal((await ask(controlPlane, null, { authorization: `Basic ${encoded}` })).status, 401);
    assert.equal((await ask(controlPlane, null, { cookie: `stoa_session=${controlPlane.adminToken}` })).status, 401);
  });

  check(['AUTH-005'], `lesson 9: ${id} refuses the wrong kind of credential with 403`, async (controlPlane) => {
    const token = takesGatewayKeys(entry) ? controlPlane.adminToken : controlPlane.gatewayKey;
    assert.equal((await ask(controlPlane, token)).status, 403);
  });
};

const outOfDateOnes = new WeakMap<ControlPlane, Promise<string[]>>();
function outOfDateOf(controlPlane: ControlPlane): Promise<string[]> {
  const known = outOfDateOnes.get(controlPlane) ?? outOfDate(controlPlane);
  outOfDateOnes.set(controlPlane, known);
  return known;
}

/** Credentials of each kind that were good once: an expired one cannot be minted, and is made by moving its date. */
async function outOfDate(controlPlane: ControlPlane): Promise<string[]> {
  const [expiredKey, revokedKey] = [await controlPlane.mintExpiredKey(), await controlPlane.mintKey()];
  const [expiredToken, revokedToken] = [await makeToken(controlPlane), await makeToken(controlPlane)];
  await controlPlane.query(`UPDATE operator_token SET expires_at = now() - interval '1 second' WHERE id = $1`, [expiredToken.token.token_id]);
  await controlPlane.call('revokeGatewayKey', { path: { key_id: revokedKey.id } });
  await controlPlane.call('revokeOperatorToken', { path: { token_id: revokedToken.token.token_id } });
  return [expiredKey, revokedKey.secret, expiredToken.secret, revokedToken.secret];
}
