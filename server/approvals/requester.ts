import type { approval } from '@stoa/generated/prisma/client.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { rightsOf } from '@stoa/generated/permissions.ts';
import { teamRightsOf } from '../access/team-rights.ts';
import { conflict } from '../errors.ts';
import type { OperatorPrincipal } from '../access/principal.ts';

/** Who asked for a change, with the rights that he has now. @throws ApiError 409 when he, or his token, is no longer good */
export async function requesterOf(tx: Prisma.TransactionClient, row: approval): Promise<OperatorPrincipal> {
  if (row.token_id === null) throw new Error('A call is made by who asked for it, and not in his name.');
  const token = await tx.operator_token.findFirst({ where: { id: row.token_id, tenant_id: row.tenant_id } });
  const common = {
    kind: 'operator' as const,
    tenantId: row.tenant_id,
    tokenId: row.token_id,
    name: row.requested_by,
    via: 'bearer' as const,
    expiresAt: undefined,
  };
  if (token && token.user_id === null) {
    if (token.revoked_at !== null || (token.expires_at !== null && token.expires_at <= new Date()))
      throw conflict(`The token of ${row.requested_by}, which asked for it, is no longer good.`, 'requester_gone');
    const { roles, scopes } = token;
    const mintedBy = { user: token.minted_by_user ?? undefined, token: token.minted_by ?? undefined };
    return { ...common, issuerId: token.issued_by ?? token.id, userId: undefined, mintedBy, roles, scopes, rights: rightsOf(roles, scopes) };
  }
  // A session may be over by now: the person counts.
  const userId = token?.user_id ?? row.user_id;
  const member =
    userId === null
      ? null
      : await tx.membership.findFirst({ where: { tenant_id: row.tenant_id, user_id: userId, disabled_at: null, user: { disabled_at: null } } });
  if (!member) throw conflict(`${row.requested_by}, who asked for it, is no longer a member.`, 'requester_gone');
  const { roles, user_id: id } = member;
  const teams = await tx.team_member.findMany({ where: { tenant_id: row.tenant_id, user_id: id } });
  return {
    ...common,
    issuerId: row.token_id,
    userId: id,
    roles,
    scopes: ['*'],
    rights: rightsOf(roles),
    teams: teams.map((team) => teamRightsOf(team, ['*'])),
  };
}
