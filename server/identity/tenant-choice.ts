import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { mintCredential } from '../access/credentials.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { announceRevocation } from '../access/revocations.ts';
import { sessionCookie } from '../access/session-cookie.ts';
import { actorOf } from '../audit/actor.ts';
import { appendFor } from '../audit/append.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { destinationOf } from './console-sign-in.ts';
import { refreshContext } from './external/ask-again.ts';
import { textsOf } from './form.ts';
import { tenantPage } from './pages/account.ts';
import { sendPage } from './pages/layout.ts';
import { failurePage } from './pages/sign-in.ts';
import { ofPerson } from './signed-in.ts';
import type { Signed } from './signed-in.ts';
import { membershipsOf } from './users.ts';

/** Somebody who belongs to several tenants says in which he works. */
export const tenantAsked = ofPerson(async ({ db }, { userId, tenantId, name }, request, response) => {
  const memberships = await membershipsOf(db.pool, userId);
  const to = destinationOf(request.query['to']);
  sendPage(response, 200, tenantPage({ name, to, memberships: memberships.map((each) => ({ ...each, isThis: each.tenantId === tenantId })) }));
});

export const tenantChosen = ofPerson(async (context, person, request, response) => {
  const { tenant, to } = textsOf(request, ['tenant', 'to']);
  const next = destinationOf(to);
  if (tenant === person.tenantId) return response.redirect(303, next);
  const memberships = await membershipsOf(context.db.pool, person.userId);
  const session = memberships.some(({ tenantId }) => tenantId === tenant)
    ? await inTransaction(context.db.pool, async (client) => {
        const made = await exchange(client, context.keys, person, tenant);
        const actor = actorOf(person, context.callerOf(request));
        const object = { kind: 'session' as const, name: person.name };
        if (made)
          await appendFor(client, tenant, [
            { kind: 'sign-in', action: 'startSession', outcome: 'done', actor, object, detail: { by: 'choice of tenant' } },
          ]);
        return made;
      })
    : undefined;
  if (session === undefined) return sendPage(response, 404, failurePage('You do not belong to that tenant any more.'));
  await announceRevocation(context);
  response.append('Set-Cookie', sessionCookie(session.secret, session.forS, context));
  response.redirect(303, next);
});

type Old = {
  issuer_session: Buffer | null;
  issuer_refresh: Buffer | null;
  issuer_asked_at: Date | null;
  browser: string | null;
  expires_at: Date;
  for_s: number;
};

/** A session is of one tenant: another takes its place, which ends when it would have. */
export async function exchange(client: PoolClient, keys: KeyMaterial, { tokenId, userId, name }: Signed, tenantId: string) {
  const { rows } = await client.query<Old>(
    `UPDATE operator_token SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()
     RETURNING issuer_session, issuer_refresh, issuer_asked_at, browser, expires_at, EXTRACT(EPOCH FROM expires_at - now())::int AS for_s`,
    [tokenId],
  );
  const [old] = rows;
  if (!old) return undefined;
  const { secret, hint } = mintCredential('session');
  const id = randomUUID();
  const refresh = old.issuer_refresh && (await keys.seal(await keys.open(old.issuer_refresh, refreshContext(tokenId)), refreshContext(id)));
  await client.query(
    `INSERT INTO operator_token (id, tenant_id, name, roles, kind, hint, hmac, user_id, issuer_session, issuer_refresh, issuer_asked_at, browser, expires_at, last_used_at)
     VALUES ($1, $2, $3, '{}', 'session', $4, $5, $6, $7, $8, $9, $10, $11, now())`,
    [id, tenantId, name, hint, keys.hmac(secret), userId, old.issuer_session, refresh, old.issuer_asked_at, old.browser, old.expires_at],
  );
  return { secret, forS: old.for_s };
}
