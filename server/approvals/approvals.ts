import type { approval, Prisma } from '@stoa/generated/prisma/client.ts';
import { conflict, notFound } from '../errors.ts';
import { toApproval } from './approval-rows.ts';

export async function findApproval(tx: Prisma.TransactionClient, tenantId: string, id: string): Promise<approval> {
  const row = await tx.approval.findFirst({ where: { id, tenant_id: tenantId } });
  if (!row) throw notFound('approval');
  return row;
}

type Decision = { state: 'applied' | 'approved' | 'denied' | 'failed'; by: string; reason: string | undefined; failure?: string };

/** Decides on what waits, once: of two at the same time one does. Its secret is not kept any longer. A call that is approved may be made for as long as its policy says from now on. @throws ApiError 409 when it waits no longer */
export async function decide(tx: Prisma.TransactionClient, { id }: approval, { state, by, reason, failure }: Decision): Promise<approval> {
  const decided = await tx.$executeRaw`
    UPDATE approval SET state = ${state}, decided_by = ${by}, decided_at = now(), reason = ${reason ?? null}, failure = ${failure ?? null}, secret = NULL,
      expires_at = CASE WHEN demand = 'calls' AND ${state} = 'approved' THEN now() + make_interval(secs => (input->>'valid_s')::int) ELSE expires_at END
    WHERE id = ${id}::uuid AND state = 'pending' AND expires_at > now()`;
  const row = await tx.approval.findUniqueOrThrow({ where: { id } });
  if (decided === 1) return row;
  const { state: told, decided_by: whose } = toApproval(row);
  throw conflict(`It does not wait any more: it is ${told}${whose === undefined ? '' : `, by ${whose}`}.`, 'not_pending');
}
