import type { operator_token, Prisma } from '@stoa/generated/prisma/client.ts';
import type { PublicKey, ServiceAccount } from '@stoa/generated/schemas.ts';
import { rightsOf } from '@stoa/generated/permissions.ts';
import { makersOf } from '../audit/actor.ts';
import { conflict, notFound } from '../errors.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';
import { lockOwnTenant } from '../tenants/tenant-rows.ts';
import { requireAll } from './grant.ts';
import { stateOf } from './key-rows.ts';
import type { OperatorPrincipal } from './principal.ts';

/** By it a row of `operator_token` is told from tokens, links and sessions. */
export const serviceAccountKind = 'service_account';

/**
 * The service account, while nobody else changes one of the tenant.
 * @throws ApiError 404 when the tenant has no such one
 */
export async function lockServiceAccount(tx: Prisma.TransactionClient, tenantId: string, id: string): Promise<operator_token> {
  await lockOwnTenant(tx, tenantId);
  const row = await tx.operator_token.findFirst({ where: { id, tenant_id: tenantId, kind: serviceAccountKind } });
  if (!row) throw notFound('service account');
  return row;
}

/** @throws ApiError 409 when another one has the name */
export async function requireFreeAccountName(tx: Prisma.TransactionClient, tenantId: string, name: string): Promise<void> {
  await lockOwnTenant(tx, tenantId);
  const where = { tenant_id_account_name: { tenant_id: tenantId, account_name: name } };
  const namesake = await tx.operator_token.findUnique({ where, select: { id: true } });
  if (namesake) throw conflict(`There is a service account named ${name} already.`, 'name_taken');
}

/** Refuses who has less than the account: by its secret, or by what it is changed to, he would have more. @throws ApiError 403 */
export const requireNoLess = ({ roles, scopes }: operator_token, by: OperatorPrincipal): void =>
  requireAll(rightsOf(roles, scopes), by, 'Who changes a service account can do no less than it');

/** The keys by which it signs in; null where it has a secret. Stored only after they were judged. */
export const keysOf = ({ public_keys: keys }: Pick<operator_token, 'public_keys'>) => keys as PublicKey[] | null;

export function toServiceAccount(row: operator_token): ServiceAccount {
  return {
    service_account_id: row.id,
    client_id: row.id,
    name: row.name,
    // Stored only after the contract's enum was checked.
    roles: row.roles as ServiceAccount['roles'],
    exchange_resources: row.exchange_resources,
    hint: row.hint,
    state: stateOf(row),
    created_at: toTimestamp(row.created_at),
    secret_changed_at: toTimestamp(row.secret_changed_at ?? row.created_at),
    ...present({
      description: row.description,
      public_keys: keysOf(row),
      scopes: row.scopes.includes('*') ? undefined : row.scopes,
      expires_at: optionalTimestamp(row.expires_at),
      last_used_at: optionalTimestamp(row.last_used_at),
      previous_secret_until: optionalTimestamp(row.previous_until),
    }),
    ...makersOf(row),
  };
}

/** What an entity tag is of: what an operator edits, and not what passes by itself. */
export const editableOf = ({ name, description, roles, scopes, exchange_resources, public_keys, expires_at, secret_changed_at }: ServiceAccount) =>
  present({ name, description, roles, scopes, exchange_resources, public_keys, expires_at, secret_changed_at });
