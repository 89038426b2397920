import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Invitation } from '@stoa/generated/schemas.ts';
import { makerOf } from '../audit/actor.ts';
import { record } from '../audit/record.ts';
import { requireOperator } from '../context.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import { invite } from '../identity/invitations.ts';
import { joinUrl } from '../identity/paths.ts';
import { toTimestamp } from '../operations/wire.ts';

/** A way into a tenant that nobody owns. It ends when somebody does. To be called within that tenant, whose audit tells it. */
export async function inviteOwner(tx: Prisma.TransactionClient, context: RequestContext, tenantId: string): Promise<Invitation> {
  const invitedBy = makerOf(requireOperator(context));
  const { id, code, expiresAt } = await invite(sqlOf(tx), context.keys, { tenantId, roles: ['owner'], firstOwner: true, invitedBy });
  const expires_at = toTimestamp(expiresAt);
  await record(tx, context, { object: { kind: 'invitation', id }, after: { roles: ['owner'], expires_at } }, tenantId);
  return { url: joinUrl(context.publicUrl(), code), expires_at };
}
