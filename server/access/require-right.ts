import { accessOf, rolesWith } from '@stoa/generated/permissions.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import { ApiError } from '../errors.ts';
import type { OperatorPrincipal } from './principal.ts';
import { isGoodIn } from './session-rights.ts';
import { teamsFor } from './team-rights.ts';

/** As `requireRight`, but lets through who has the permission in a team: `requireOwned` holds him to what that owns, once the request is read. */
export function requireRightSomewhere(principal: OperatorPrincipal, id: OperationId): void {
  if (teamsFor(principal, id).length === 0) requireRight(principal, id);
}

/** Refuses, with 403 and the roles that may, an operation whose permission the caller lacks. The table alone decides: no handler asks for a role. */
export function requireRight({ userId, roles, scopes, rights, tenant }: OperatorPrincipal, id: OperationId): void {
  const access = accessOf(id);
  if (access === 'person') return requirePerson(userId);
  // The other kinds of caller are told apart by their credential, before; `self` is for whoever is signed in.
  if (access === 'self' || access === 'public' || access === 'runtime' || access === 'consumer' || access === 'metrics') return;
  if (!isGoodIn(tenant, access))
    throw new ApiError(403, 'Tenants are made, limited and suspended by members of the tenant of the platform, and this credential is of another.', {
      code: 'missing_permission',
    });
  if (rights.has(access)) return;
  const narrowed = scopes.includes('*') ? '' : `, narrowed to ${listed(scopes)}`;
  const has = `This credential has ${roles.length === 1 ? 'the role' : 'the roles'} ${listed(roles)}${narrowed}`;
  throw new ApiError(403, `This needs the permission ${access}, which the roles ${listed(rolesWith(access))} have. ${has}.`, {
    code: 'missing_permission',
  });
}

function requirePerson(userId: string | undefined): void {
  if (userId === undefined)
    throw new ApiError(403, 'This is about a person, and this credential is of none: sign in as yourself.', { code: 'person_needed' });
}

const words = new Intl.ListFormat('en-GB', { type: 'conjunction' });
const listed = (names: readonly string[]): string => words.format(names);
