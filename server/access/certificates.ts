import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { conflict } from '../errors.ts';
import { requireAll } from './grant.ts';
import type { OperatorPrincipal } from './principal.ts';

type Certified = { readonly id: string; readonly certificates: readonly string[] };

/** In whatever order they stand. */
export const saysTheSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => other.includes(name));

/**
 * Whose certificate proves a consumer is for those to say who hand out its keys, and for nobody who comes second.
 * @throws ApiError 403 for who may not mint keys, 409 when another consumer has one of the names
 */
export async function requireCertificates(
  tx: Prisma.TransactionClient,
  by: Pick<OperatorPrincipal, 'tenantId' | 'rights'>,
  { id, certificates: present }: Certified,
  wanted: readonly string[],
): Promise<void> {
  if (saysTheSame(present, wanted)) return;
  requireAll(new Set(['consumer-keys.write']), by, 'Who says which certificates prove a consumer has to be one who may mint its keys');
  const where = { tenant_id: by.tenantId, id: { not: id }, certificates: { hasSome: [...wanted] } };
  const rival = await tx.consumer.findFirst({ where, select: { name: true, certificates: true } });
  const taken = rival?.certificates.find((name) => wanted.includes(name));
  if (rival) throw conflict(`A certificate of ${taken} proves the consumer ${rival.name} already.`, 'certificate_taken');
}
