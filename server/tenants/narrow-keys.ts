import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { toGatewayKey } from '../access/key-rows.ts';
import { makerOf } from '../audit/actor.ts';
import { record } from '../audit/record.ts';
import type { RequestContext } from '../context.ts';

/**
 * Holds the keys that roles in a team minted to the environments that are the team's: what was taken from it is taken from them, and one that is good nowhere any more is
 * revoked. To be called while the team is locked.
 */
export async function narrowKeys(
  tx: Prisma.TransactionClient,
  context: RequestContext,
  team: { tenant_id: string; team: string },
  open: readonly string[],
): Promise<void> {
  const keys = await tx.gateway_key.findMany({ where: { ...team, team_only: true, revoked_at: null }, orderBy: { id: 'asc' } });
  for (const key of keys) {
    const environments = key.environments.filter((environment) => open.includes(environment));
    if (environments.length === key.environments.length) continue;
    // Without any it would be good everywhere.
    const less = environments.length === 0 ? { revoked_at: new Date() } : { environments };
    const after = await tx.gateway_key.update({ where: { id: key.id }, data: { ...less, updated_by: makerOf(context.principal) } });
    await record(tx, context, { object: { kind: 'gateway_key', id: key.id, name: key.name }, before: toGatewayKey(key), after: toGatewayKey(after) });
  }
}
