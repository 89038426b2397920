import type { Prisma, tenant } from '@stoa/generated/prisma/client.ts';
import type { Tenant, TenantLimits } from '@stoa/generated/schemas.ts';
import { conflict, notFound } from '../errors.ts';
import { toTimestamp } from '../operations/wire.ts';

export type TenantRow = Pick<tenant, keyof typeof columns> & { platform: { tenant_id: string } | null };

// Its revision rises with each change of its catalog, and is none of the platform's business.
const columns = { id: true, name: true, suspended_at: true, limits: true, created_at: true } as const;
/** What a tenant is read with. */
export const ofTenant = { select: { ...columns, platform: true } } as const;

export function toTenant({ id, name, suspended_at, limits, created_at, platform }: TenantRow): Tenant {
  return {
    tenant_id: id,
    name,
    platform: platform !== null,
    suspended: suspended_at !== null,
    // Stored only after the contract's schema was checked.
    limits: limits as TenantLimits,
    created_at: toTimestamp(created_at),
  };
}

/** @throws ApiError 404 when there is none */
export async function requireTenant(tx: Prisma.TransactionClient, id: string): Promise<TenantRow> {
  const row = await tx.tenant.findUnique({ where: { id }, ...ofTenant });
  if (!row) throw notFound('tenant');
  return row;
}

/** The tenant to change, once nobody else changes or makes any. */
export async function lockTenant(tx: Prisma.TransactionClient, id: string): Promise<TenantRow> {
  await lockPlatform(tx);
  return requireTenant(tx, id);
}

/** Lets one writer of a tenant at a time decide, as a change of its catalog does by raising the tenant's revision. To be taken before its audit. */
export const lockOwnTenant = (tx: Prisma.TransactionClient, id: string) => tx.$queryRaw`SELECT FROM tenant WHERE id = ${id}::uuid FOR UPDATE`;

/** Two that are made at once with one name are made one after the other. */
export const lockPlatform = (tx: Prisma.TransactionClient) => tx.$queryRaw`SELECT FROM tenant WHERE id = (SELECT tenant_id FROM platform) FOR UPDATE`;

/** @throws ApiError 409 when another tenant has the name */
export async function requireFreeTenantName(tx: Prisma.TransactionClient, name: string): Promise<void> {
  if (await tx.tenant.findUnique({ where: { name }, select: { id: true } })) throw conflict(`There is a tenant named ${name} already.`, 'name_taken');
}
