import { createLocalJWKSet, jwtVerify } from 'jose';
import { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import { isUuid } from '@stoa/lib/uuid.ts';
import { credentialPrefixes } from '../access/credentials.ts';
import { findOperator } from '../access/find-principal.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { payloadName } from './payload-adapter.ts';

/** Who acted for whom (RFC 8693 §4.1), the latest outermost. */
export type Act = { sub: string; act?: Act };
/** What a token that is to be exchanged proves: whose it is, in which tenant, for what, and for how long. */
export type Subject = {
  /** Of the API of the Control Plane, of a gateway, or a personal access token, which is for both. */
  kind: 'api' | 'gateway' | 'personal';
  userId: string;
  tenantId: string;
  /** The client that it was made for. */
  clientId: string | undefined;
  audience: string | undefined;
  /** The name of the grant that it came from: with the grant, it ends. */
  grant: Buffer | undefined;
  act: Act | undefined;
  /** In seconds since 1970. */
  expiresAt: number | undefined;
};
export type SubjectParts = { provider: Provider; pool: Pool; keys: KeyMaterial; publicKeys: PublicKeys };

const maxLength = 8192;
const personalPrefixes = [credentialPrefixes.personalToken, credentialPrefixes.operatorToken];
const refused = (why: string) => new errors.InvalidRequest(`the subject token ${why}`);
const notGood = 'is unknown, expired or revoked, or is none of this issuer';

/** @throws errors.InvalidRequest for a token that proves nothing here (RFC 8693 §2.2.2), and for one that is bound to a key, which would be lost */
export async function subjectOf(parts: SubjectParts, token: string): Promise<Subject> {
  if (token.length > maxLength) throw refused('is too long');
  if (token.startsWith(credentialPrefixes.accessToken)) return ofApi(parts, token);
  if (personalPrefixes.some((prefix) => token.startsWith(prefix))) return personal(parts, token);
  return ofGateway(parts, token);
}

async function ofApi({ provider, keys }: SubjectParts, token: string): Promise<Subject> {
  const found = await provider.AccessToken.find(token);
  const grant = found?.grantId === undefined ? undefined : await provider.Grant.find(found.grantId);
  if (!found || !grant || found.accountId === undefined) throw refused(notGood);
  requireUnbound(found.isSenderConstrained());
  return {
    kind: 'api',
    userId: found.accountId,
    tenantId: String(found.extra?.['tenant']),
    clientId: found.clientId,
    audience: String(found.aud),
    grant: payloadName(keys, found.grantId ?? ''),
    act: undefined,
    expiresAt: found.exp,
  };
}

async function personal({ pool, keys }: SubjectParts, token: string): Promise<Subject> {
  const found = await findOperator(pool, keys.hmac(token), undefined);
  if (found?.principal.via !== 'bearer') throw refused(notGood);
  const { userId, tenantId, scopes, expiresAt } = found.principal;
  if (userId === undefined) throw refused('is of no person');
  // It would get more than it has: no scope of a gateway says which of these permissions it has there.
  if (!scopes.includes('*')) throw refused('is narrowed by scopes');
  const until = expiresAt === undefined ? undefined : Math.floor(expiresAt.getTime() / 1000);
  return { kind: 'personal', userId, tenantId, clientId: undefined, audience: undefined, grant: undefined, act: undefined, expiresAt: until };
}

/** A gateway's token is a JWT. It stands in no table, and names its grant, which does. */
async function ofGateway({ provider, pool, publicKeys }: SubjectParts, token: string): Promise<Subject> {
  const { payload } = await jwtVerify(token, publicKeys, {
    issuer: provider.issuer,
    typ: 'at+jwt',
    requiredClaims: ['exp', 'sub', 'aud', 'tenant', 'grant'],
  }).catch((cause: unknown) => {
    throw new errors.InvalidRequest(`the subject token ${notGood}`, undefined, { cause });
  });
  requireUnbound(payload['cnf'] !== undefined);
  const { sub = '', tenant, client_id: clientId, aud, act, exp } = payload;
  if (!isUuid(sub)) throw refused('is of no person');
  const grant = Buffer.from(String(payload['grant']), 'base64url');
  const { rowCount } = await pool.query(`SELECT FROM oidc_payload WHERE model = 'Grant' AND id = $1 AND user_id = $2 AND expires_at > now()`, [
    grant,
    sub,
  ]);
  if (rowCount !== 1) throw refused(notGood);
  return {
    kind: 'gateway',
    userId: sub,
    tenantId: String(tenant),
    clientId: String(clientId),
    audience: String(aud),
    grant,
    act: act as Act | undefined,
    expiresAt: exp,
  };
}

function requireUnbound(isBound: boolean): void {
  if (isBound) throw refused('is bound to a key of its client, and an exchange would lose that');
}

export type PublicKeys = ReturnType<typeof createLocalJWKSet>;
const privateMembers: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];
const publicPartOf = (key: JWK) => Object.fromEntries(Object.entries(key).filter(([member]) => !privateMembers.includes(member)));

/** What verifies what the issuer signed. It keeps what it imports: one serves all exchanges. */
export const publicKeysOf = (signingKeys: readonly JWK[]): PublicKeys => createLocalJWKSet({ keys: signingKeys.map(publicPartOf) });
