import { rightsOf } from '@stoa/generated/permissions.ts';
import type { Permission } from '@stoa/generated/permissions.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Environment } from '@stoa/generated/schemas.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import { personOf } from './second-person.ts';

type Demanded = Environment['four_eyes'][number];

/** What somebody must be able to do himself to decide on what waits; one of them is enough. */
const neededFor: Readonly<Record<Demanded, readonly Permission[]>> = {
  deployments: ['deployments.write'],
  policies: ['policies.write'],
  reveals: ['consumer-keys.write', 'gateway-keys.write'],
};

/** The demands on which nobody but the caller could decide at present: no other person of the tenant, and no token that stands for whoever holds it. */
export async function decidedByNobodyElse(tx: Prisma.TransactionClient, by: OperatorPrincipal, demands: readonly Demanded[]): Promise<Demanded[]> {
  const { tenantId, tokenId, issuerId } = by;
  const held = await tx.$queryRaw<{ roles: string[]; scopes: string[] }[]>`
    SELECT m.roles, ARRAY['*'] AS scopes FROM membership m JOIN app_user u ON u.id = m.user_id
      WHERE m.tenant_id = ${tenantId}::uuid AND m.disabled_at IS NULL AND u.disabled_at IS NULL AND m.user_id IS DISTINCT FROM ${personOf(by) ?? null}::uuid
    UNION ALL
    SELECT roles, scopes FROM operator_token
      WHERE tenant_id = ${tenantId}::uuid AND kind = 'token' AND user_id IS NULL AND minted_by_user IS NULL
        AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        AND id NOT IN (${tokenId}::uuid, ${issuerId}::uuid) AND (minted_by IS NULL OR minted_by NOT IN (${tokenId}::uuid, ${issuerId}::uuid))`;
  const others = held.map(({ roles, scopes }) => rightsOf(roles, scopes));
  const decides = (demand: Demanded) =>
    others.some((rights) => rights.has('approvals.write') && neededFor[demand].some((needed) => rights.has(needed)));
  return demands.filter((demand) => !decides(demand));
}
