import { operationPermissions, permissions, roles, rightsOf } from '@stoa/generated/permissions.ts';
import type { Permission, Role } from '@stoa/generated/permissions.ts';
import { nearestName } from '@stoa/lib/nearest-name.ts';
import { CommandError } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

/** Lists the roles, as the table of the contract has them. */
export function listRoles(terminal: Terminal, { output }: { output: string }): void {
  const items = (Object.keys(roles) as Role[]).map((name) => ({ name, description: roles[name].description, permissions: permissionsOf(name) }));
  if (output === 'json') return terminal.out(`${JSON.stringify({ items }, null, 2)}\n`);
  const rows = items.map(({ name, description, permissions: all }) => [name, String(all.length), description]);
  terminal.out(table(['ROLE', 'PERMISSIONS', 'MEANING'], rows));
}

/** Tells what a role may: its permissions, and the operations of the API that each allows. */
export function describeRole(terminal: Terminal, word: string, { output }: { output: string }): void {
  const [name] = requireRoles([word]) as [Role];
  const { description } = roles[name];
  const allowed = permissionsOf(name).map((permission) => ({ permission, meaning: permissions[permission], operations: operationsFor(permission) }));
  if (output === 'json') return terminal.out(`${JSON.stringify({ name, description, permissions: allowed }, null, 2)}\n`);
  const rows = allowed.map(({ permission, meaning, operations }) => [permission, meaning, operations.join(', ')]);
  terminal.out(`${name}: ${description}\n\n${table(['PERMISSION', 'MEANING', 'OPERATIONS'], rows)}`);
}

const permissionsOf = (role: Role): Permission[] => {
  const rights = rightsOf([role]);
  return (Object.keys(permissions) as Permission[]).filter((permission) => rights.has(permission));
};

const operationsFor = (permission: Permission): string[] =>
  Object.entries(operationPermissions).flatMap(([operation, needed]) => (needed === permission ? [operation] : []));

/** @throws CommandError for a role that there is not, with the one that was meant */
export function requireRoles(words: readonly string[]): Role[] {
  const known = Object.keys(roles);
  for (const word of words) {
    if (known.includes(word)) continue;
    const meant = nearestName(word.slice(0, 64), known);
    throw new CommandError('usage', `There is no role ${word}: ${meant === undefined ? `there are ${known.join(', ')}.` : `did you mean ${meant}?`}`);
  }
  return words as Role[];
}
