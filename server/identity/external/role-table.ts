import { roles } from '@stoa/generated/permissions.ts';

/** One line of the table: who is in `group` has `role` in `tenant`. */
export type RoleRow = { readonly group: string; readonly tenant: string; readonly role: string };
/** Roles by the name of the tenant, in the order of the table. */
export type RolesByTenant = ReadonlyMap<string, readonly string[]>;

const usualTenant = 'default';

/** Reads `GROUP=ROLE` and `GROUP=TENANT:ROLE`. Names of groups may hold `=`, as those of directories do: the last one counts. */
export function roleTable(entries: readonly string[]): readonly RoleRow[] {
  return entries.map((entry) => {
    const at = entry.lastIndexOf('=');
    const [role = '', tenant = usualTenant] = entry
      .slice(at + 1)
      .trim()
      .split(':')
      .reverse();
    return { group: entry.slice(0, Math.max(at, 0)).trim(), tenant, role };
  });
}

/** The end of a sentence, for entries that say nothing. */
export function roleTableFault(entries: readonly string[]): string | undefined {
  for (const [index, { group, tenant, role }] of roleTable(entries).entries()) {
    if (group === '' || tenant === '') return `must hold entries such as stoa-owners=owner or auditors=acme:auditor; ${entries[index]} is none`;
    if (!Object.hasOwn(roles, role)) return `must hold roles, which are ${Object.keys(roles).join(', ')}; ${entries[index]} names ${role}`;
  }
  return undefined;
}

/** What somebody of these groups is, and where. What is no list of texts is no groups. */
export function rolesOfGroups(table: readonly RoleRow[], groups: unknown): RolesByTenant {
  const held = new Set(Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : []);
  const byTenant = new Map<string, string[]>();
  for (const { group, tenant, role } of table) {
    if (!held.has(group)) continue;
    const given = byTenant.get(tenant) ?? [];
    if (!given.includes(role)) given.push(role);
    byTenant.set(tenant, given);
  }
  return byTenant;
}
