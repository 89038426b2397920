import type { approval, Prisma } from '@stoa/generated/prisma/client.ts';
import { countsForDays } from '../identity/invitations.ts';

/**
 * Whether one who decides and the one who asked may be the same person by two accounts. Whoever makes a link to join or to a new password sees it, and may be the one who uses
 * it: for some days, who came by one stands for who made it, and so on up the chain; a token stands for whoever minted it. Two who lead to the same one count as one. Who
 * had joined before an environment demanded a second person was there when it was decided whom to watch, and stands for himself.
 */
export async function areLinked(tx: Prisma.TransactionClient, person: string, row: approval): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    WITH RECURSIVE since AS (
      SELECT greatest(now() - make_interval(days => ${countsForDays}::int), min(demanding_since)) AS joined, now() - make_interval(days => ${countsForDays}::int) AS reset
      FROM environment_setting WHERE tenant_id = ${row.tenant_id}::uuid AND environment = ANY (${row.environments}) AND four_eyes <> '{}'),
    link AS (
      SELECT m.user_id, m.created_by FROM membership m, since WHERE m.tenant_id = ${row.tenant_id}::uuid AND m.created_at > since.joined
      UNION ALL SELECT i.user_id, i.created_by FROM invitation i, since
        WHERE i.tenant_id = ${row.tenant_id}::uuid AND i.user_id IS NOT NULL AND i.used_at > since.reset),
    stands_for AS (
      SELECT link.user_id, of.maker FROM link LEFT JOIN operator_token t ON t.id = (link.created_by->>'id')::uuid AND link.created_by->>'kind' = 'token',
        unnest(ARRAY[(link.created_by->>'id')::uuid, t.user_id, t.issued_by, t.minted_by, t.minted_by_user]) AS of(maker)
      WHERE link.created_by->>'kind' IN ('user', 'token') AND of.maker IS NOT NULL),
    asking (id) AS (
      SELECT ${row.user_id}::uuid UNION SELECT ${row.token_id}::uuid
      UNION SELECT unnest(ARRAY[issued_by, minted_by, minted_by_user]) FROM operator_token WHERE id = ${row.token_id}::uuid
      UNION SELECT s.maker FROM asking a JOIN stands_for s ON s.user_id = a.id),
    deciding (id) AS (SELECT ${person}::uuid UNION SELECT s.maker FROM deciding d JOIN stands_for s ON s.user_id = d.id)
    SELECT FROM asking JOIN deciding USING (id) LIMIT 1`;
  return found.length > 0;
}
