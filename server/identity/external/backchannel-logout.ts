import type { RequestHandler, Response } from 'express';
import { announceRevocation } from '../../access/revocations.ts';
import { appendFor } from '../../audit/append.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { textsOf } from '../form.ts';
import type { IdentityContext } from '../identity-context.ts';
import { payloadName, seenFirst } from '../payload-adapter.ts';
import { endedElsewhere } from './ended-elsewhere.ts';
import type { EndedSession } from './ended-elsewhere.ts';
import { IssuerRefusal } from './external-issuer.ts';

/** Longer than any logout token is good. */
const rememberedS = 60 * 60;

/** The issuer says that a person signed out there (OpenID Connect Back-Channel Logout 1.0 §2.5): his sessions end here. */
export const signedOutElsewhere =
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const { external, db, keys, log } = context;
    if (external === undefined) return answer(response, 404, 'There is no external issuer.');
    try {
      const { logout_token: token } = textsOf(request, ['logout_token']);
      const { subject, session, id } = await external.logoutToken(token);
      const ended = await inTransaction(db.pool, async (client) => {
        // Forgotten again where the sessions could not be ended: the issuer may send it once more.
        if (!(await seenFirst(client, keys, 'LogoutToken', id, rememberedS))) return undefined;
        const { rows } = await client.query<EndedSession>(
          `UPDATE operator_token t SET revoked_at = now() FROM app_user u
         WHERE u.id = t.user_id AND u.issuer = $1 AND t.kind = 'session' AND t.revoked_at IS NULL
           AND ($2::text IS NULL OR u.subject = $2) AND ($3::bytea IS NULL OR t.issuer_session = $3) RETURNING t.id, t.tenant_id, t.user_id, t.name`,
          [external.issuer, subject ?? null, session === undefined ? null : payloadName(keys, session)],
        );
        const byTenant = [...Map.groupBy(rows, ({ tenant_id }) => tenant_id)].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [tenantId, sessions] of byTenant)
          await appendFor(
            client,
            tenantId,
            sessions.map((one) => endedElsewhere(one, 'signed out')),
          );
        return rows.length;
      });
      if (ended === undefined) return answer(response, 400, 'This logout token was used already.');
      await announceRevocation(context);
      log.info({ sessions: ended }, 'The issuer signed somebody out.');
      answer(response, 200);
    } catch (error) {
      if (!(error instanceof IssuerRefusal)) throw error;
      log.warn({ err: error }, 'A logout token was refused.');
      answer(response, 400, error.message);
    }
  };

function answer(response: Response, status: number, description?: string): void {
  response.status(status).setHeader('cache-control', 'no-store');
  if (description === undefined) response.end();
  else response.json({ error: 'invalid_request', error_description: description });
}
