import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { conflict } from '../errors.ts';

const maxNameLength = 63;

/** @throws ApiError 409 when another deployment has the name */
export async function requireFreeDeploymentName(tx: Prisma.TransactionClient, tenantId: string, name: string): Promise<string> {
  const namesake = await tx.deployment.findUnique({ where: { tenant_id_name: { tenant_id: tenantId, name } }, select: { id: true } });
  if (namesake) throw conflict(`There is a deployment named ${name} already.`, 'name_taken');
  return name;
}

/** The name of the API, or with the first number that nobody has. */
export async function freeDeploymentName(tx: Prisma.TransactionClient, tenantId: string, apiName: string): Promise<string> {
  const stem = apiName.slice(0, maxNameLength - 8).replace(/-+$/, '');
  const taken = await tx.deployment.findMany({ where: { tenant_id: tenantId, name: { startsWith: stem } }, select: { name: true } });
  const names = new Set(taken.map(({ name }) => name));
  if (!names.has(apiName)) return apiName;
  let number = 2;
  while (names.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}
