import { listOperations } from './document.ts';
import type { OpenApiDocument } from './document.ts';
import { everything, otherAccess } from './read-roles.ts';
import type { RolesDocument } from './read-roles.ts';

const helpers = `/** What may be asked for in a token's scopes, and what a role is a list of. */
export type Permission = keyof typeof permissions;
export type Role = keyof typeof roles;
/** What an operation asks for: a permission, or another kind of caller. */
export type Access = Permission | ${Object.keys(otherAccess)
  .map((name) => `'${name}'`)
  .join(' | ')};
/** \`${everything}\` is everything that there is and will be: whoever lacks it can give it to nobody. */
export type Right = Permission | '${everything}';

/** What an operation asks for, by its operationId. */
export const accessOf = (operationId: OperationId): Access => operationPermissions[operationId];

/** What the roles give together; with scopes other than \`${everything}\`, only as much of it as they name. A role that is not known gives nothing. */
export function rightsOf(held: readonly string[], scopes: readonly string[] = ['${everything}']): ReadonlySet<Right> {
  const given = held.flatMap((role): readonly Right[] => (Object.hasOwn(roles, role) ? roles[role as Role].permissions : []));
  return new Set(scopes.includes('${everything}') ? given : given.filter((right) => scopes.includes(right)));
}

/** Whether these roles may call an operation of the management API. */
export function allows(held: readonly string[], operationId: OperationId): boolean {
  const access = accessOf(operationId);
  return access === 'public' || access === 'self' || rightsOf(held).has(access as Permission);
}

/** The roles that have a permission. */
export const rolesWith = (permission: Permission): Role[] => (Object.keys(roles) as Role[]).filter((role) => rightsOf([role]).has(permission));
`;

/** The one table of who may do what: the permission of each operation, and those of each role. */
export function emitPermissions(document: OpenApiDocument, { permissions, roles }: RolesDocument): string {
  const row = ([name, value]: [string, unknown]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`;
  const table = (name: string, rows: [string, unknown][], satisfies: string) =>
    `export const ${name} = {\n${rows.map(row).join('\n')}\n} as const satisfies ${satisfies};\n`;
  const operations = listOperations(document).map(({ id, operation }): [string, unknown] => [id, operation['x-stoa-permission']]);
  const held = Object.entries(roles).map(([name, role]): [string, unknown] => [
    name,
    { ...role, permissions: role.permissions.includes(everything) ? [everything, ...Object.keys(permissions)] : role.permissions },
  ]);
  return [
    "import type { OperationId } from './operations.ts';\n",
    '/** Every permission, with what it allows. */',
    table('permissions', Object.entries(permissions), 'Record<string, string>'),
    '/** Every role, with what it is for and what it may. */',
    table('roles', held, 'Record<string, { description: string; permissions: readonly Right[] }>'),
    table('operationPermissions', operations, 'Record<OperationId, Access>'),
    helpers,
  ].join('\n');
}
