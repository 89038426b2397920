import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { sessionCookie } from '../../access/session-cookie.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';

/** Ends a browser session. A bearer token has no session to end and stays good. */
export const deleteSession: Handler<operations['deleteSession'], RequestContext> = async (_input, context) => {
  const { tokenId } = requireOperator(context);
  const { rowCount } = await context.db.pool.query(`UPDATE operator_token SET revoked_at = now() WHERE id = $1 AND kind = 'session'`, [tokenId]);
  if (rowCount) await announceRevocation(context);
  return { status: 204, headers: { 'Set-Cookie': sessionCookie('', 0, context) } };
};
