import type Provider from 'oidc-provider';
import type { AdapterPayload } from 'oidc-provider';
import type { Membership } from './users.ts';

/** By it a client says for which tenant it wants to act, when the person belongs to several: a name or an id. */
export const tenantParam = 'tenant';

/** What a person granted, and in which tenant. It stays when tokens are refreshed: a token is of one tenant. */
export type TenantGrant = InstanceType<Provider['Grant']> & { tenant?: string };

/** As it is kept. */
export type TenantGrantPayload = AdapterPayload & { tenant?: string };

/** The library keeps of a grant what its model lists. */
export function keepTenantOfGrants({ Grant }: Pick<Provider, 'Grant'>): void {
  const listed = (Grant as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD;
  Object.defineProperty(Grant, 'IN_PAYLOAD', { value: [...listed, tenantParam] });
}

/** Those of a person's memberships that a client may be granted: the one that it asked for, or all. */
export const membershipsFor = (memberships: readonly Membership[], asked: unknown): Membership[] =>
  typeof asked === 'string' && asked !== '' ? memberships.filter(({ tenantId, tenant }) => tenant === asked || tenantId === asked) : [...memberships];
