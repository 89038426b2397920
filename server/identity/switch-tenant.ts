import { errors } from 'oidc-provider';
import type { PoolClient } from 'pg';
import { accessChannel } from '../access/access-channel.ts';
import { appendFor } from '../audit/append.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { requireOwn } from './exchange-request.ts';
import type { AskedExchange, ExchangeParts } from './exchange-request.ts';
import { callerAtIssuer } from './machine-sign-in.ts';
import { payloadName } from './payload-adapter.ts';
import { apiTokens } from './resources.ts';
import { apiResourceOf, apiScope } from './paths.ts';
import { membershipsFor, tenantParam } from './tenant-grant.ts';
import type { TenantGrant } from './tenant-grant.ts';
import { membershipsOf } from './users.ts';

export const suspendedTenant = (tenant: string): string => `the tenant ${tenant} is suspended; whoever runs the platform can resume it`;

/**
 * The sign-in of the command line in another tenant, without signing in again. A sign-in is of one tenant, and so the one before ends with all of its tokens: of two that
 * ask at the same time one gets the new one.
 */
export async function moveToTenant(parts: ExchangeParts, asked: AskedExchange): Promise<object> {
  const { keys, pool, publicUrl } = parts;
  const { ctx, client, subject, subjectName, params } = asked;
  requireOwn(client, subject);
  if (subject.kind !== 'api' || subject.grant === undefined)
    throw new errors.InvalidRequest('a personal access token is of its tenant for good: only a sign-in moves to another');
  const api = apiResourceOf(publicUrl);
  if ([params['resource'], params['audience']].some((named) => named !== undefined && named !== api) || params['actor_token'] !== undefined)
    throw new errors.InvalidRequest('with a tenant, name no other resource and no actor');
  const [membership] = membershipsFor(await membershipsOf(pool, subject.userId), params[tenantParam]);
  if (membership === undefined) throw new errors.InvalidTarget('the person belongs to no such tenant');
  if (membership.isSuspended) throw new errors.InvalidTarget(suspendedTenant(membership.tenant));

  const made = await signInTo(parts, asked, membership.tenantId);
  const actor = { kind: 'user' as const, id: subject.userId, name: subjectName, ...callerAtIssuer(ctx) };
  try {
    await inTransaction(pool, async (sql) => {
      if (!(await endGrant(sql, subject.grant as Buffer)))
        throw new errors.InvalidRequest('the subject token was exchanged for another tenant already');
      const object = { kind: 'user' as const, id: subject.userId, name: subjectName };
      const entry = { kind: 'sign-in' as const, action: 'switchTenant' as const, outcome: 'done' as const, actor, object };
      // In the order of their ids, in which everybody locks the heads of several tenants.
      for (const tenantId of [...new Set([subject.tenantId, membership.tenantId])].sort())
        await appendFor(sql, tenantId, [{ ...entry, detail: { to: membership.tenantId, from: subject.tenantId } }]);
    });
  } catch (error) {
    // Nobody has seen what was made of it.
    await inTransaction(pool, (sql) => endGrant(sql, payloadName(keys, made.grantId)));
    throw error;
  }
  return made.answer;
}

/** A sign-in in a tenant, as the command line has it. It is made before the one that it takes the place of ends: whatever fails, the person has one of them. */
async function signInTo({ provider, publicUrl }: ExchangeParts, { ctx, client, subject }: AskedExchange, tenantId: string) {
  const api = apiResourceOf(publicUrl);
  const grant: TenantGrant = new provider.Grant({ accountId: subject.userId, clientId: client.clientId });
  grant.tenant = tenantId;
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(api, apiScope);
  const grantId = await grant.save();
  ctx.oidc.entity('Grant', grant);
  const common = { accountId: subject.userId, client, grantId, gty: 'token_exchange' };
  const token = new provider.AccessToken({ ...common, scope: apiScope, resourceServer: apiTokens(provider, api) });
  const accessToken = await token.save();
  const refresh = new provider.RefreshToken({
    ...common,
    scope: `openid ${apiScope}`,
    resource: api,
    rotations: 0,
    expiresWithSession: false,
  });
  const refreshToken = await refresh.save();
  return {
    grantId,
    answer: { access_token: accessToken, token_type: token.tokenType, expires_in: token.expiration, refresh_token: refreshToken, scope: apiScope },
  };
}

/** Ends a grant and what came from it. False when another was faster. */
async function endGrant(sql: PoolClient, grant: Buffer): Promise<boolean> {
  const { rowCount } = await sql.query(`DELETE FROM oidc_payload WHERE model = 'Grant' AND id = $1 AND expires_at > now()`, [grant]);
  if (rowCount !== 1) return false;
  await sql.query('DELETE FROM oidc_payload WHERE grant_id = $1', [grant]);
  await sql.query('SELECT pg_notify($1, $2)', [accessChannel, 'revoked']);
  return true;
}
