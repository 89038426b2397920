import { permissions, rightsOf } from '@stoa/generated/permissions.ts';
import type { OperatorTokenRequest } from '@stoa/generated/schemas.ts';
import { ApiError, invalid } from '../errors.ts';
import type { OperatorPrincipal } from './principal.ts';

/** What a credential is given: roles, and the scopes that narrow them; `*` narrows nothing. */
export type Grant = { roles: string[]; scopes: string[] };
type Asked = Pick<OperatorTokenRequest, 'role' | 'roles' | 'scopes'>;

/** What a request for a token asks for, if whoever asks has all of it himself. */
export function grantFor(asked: Asked, by: OperatorPrincipal): Grant {
  const grant = { roles: rolesOf(asked), scopes: asked.scopes ?? ['*'] };
  const given = rightsOf(grant.roles);
  const faults = (asked.scopes ?? []).flatMap((scope, index) => {
    const pointer = `/body/scopes/${index}`;
    if (!Object.hasOwn(permissions, scope)) return [{ pointer, message: `is no permission; those are ${Object.keys(permissions).join(', ')}` }];
    return given.has(scope as keyof typeof permissions) ? [] : [{ pointer, message: `is given by none of the roles ${grant.roles.join(', ')}` }];
  });
  if (faults.length > 0) throw invalid(faults);
  requireAll(rightsOf(grant.roles, grant.scopes), by, 'A token cannot do more than who mints it');
  return grant;
}

function rolesOf({ role, roles }: Asked): string[] {
  if (role !== undefined && roles !== undefined) throw invalid([{ pointer: '/body/role', message: 'must not be given beside roles: add it there' }]);
  if (roles !== undefined) return roles;
  if (role === undefined) throw invalid([{ pointer: '/body/roles', message: 'is required: name at least one role' }]);
  return [role];
}

/** Nobody gives what he does not have. `rule` is that, in the words of what is given. */
export function requireAll(wanted: ReadonlySet<string>, { rights }: Pick<OperatorPrincipal, 'rights'>, rule: string): void {
  const missing = [...wanted].filter((right) => !(rights as ReadonlySet<string>).has(right));
  if (missing.length === 0) return;
  const lacks = missing.includes('*') ? 'the rights of an owner' : missing.join(', ');
  throw new ApiError(403, `${rule}, and you lack ${lacks}. Choose other roles, or narrow them with scopes where there are any.`, {
    code: 'more_than_own_rights',
  });
}
