import type { Prisma } from '@stoa/generated/prisma/client.ts';

/** What no foreign key ties to the tenant, so that it outlives what it is about; and gateways before it, whose end is noted there. */
const untied = [
  'gateway',
  'usage_sum',
  'usage_batch',
  'document_upload',
  'oidc_payload',
  'presence_brake',
  'presence_count',
  'presence_clock',
  'gateway_transition',
] as const;

/**
 * Deletes a tenant with all that it has, but for its audit, which nobody deletes before its time. To be called within that tenant, which is suspended: nobody writes for it
 * meanwhile. Answers who belonged to it.
 */
export async function forgetTenant(tx: Prisma.TransactionClient, id: string): Promise<string[]> {
  const members = await tx.membership.findMany({ where: { tenant_id: id }, select: { user_id: true } });
  for (const table of untied) await tx.$executeRawUnsafe(`DELETE FROM ${table} WHERE tenant_id = $1::uuid`, id);
  await tx.$executeRaw`DELETE FROM tenant WHERE id = ${id}::uuid AND suspended_at IS NOT NULL`;
  return members.map(({ user_id }) => user_id);
}
