import { permissions, rightsOf } from '@stoa/generated/permissions.ts';
import type { Session } from '@stoa/generated/schemas.ts';
import type { TenantStanding } from './tenant-standings.ts';

/** Whether a permission is good in a tenant: those of the platform are in its tenant alone, whatever roles somebody has in another. */
export const isGoodIn = (tenant: Pick<TenantStanding, 'isPlatform'> | undefined, right: string): boolean =>
  tenant?.isPlatform === true || !right.startsWith('tenants.');

/** What a credential tells of its own rights. */
export function sessionRights(held: {
  roles: readonly string[];
  scopes: readonly string[];
  tenant?: Pick<TenantStanding, 'isPlatform'>;
}): Pick<Session, 'role' | 'roles' | 'permissions'> {
  // Stored only after the contract's enum was checked.
  const roles = [...held.roles] as Session['roles'];
  // `role` is always told: a person without any role is told the least of them, and `permissions` is empty.
  return {
    role: roles[0] ?? 'viewer',
    roles,
    permissions: [...rightsOf(roles, held.scopes)].filter((right) => Object.hasOwn(permissions, right) && isGoodIn(held.tenant, right)),
  };
}
