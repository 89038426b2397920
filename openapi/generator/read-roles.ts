import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What `openapi/roles.yaml` says: every permission with its sentence, and every role with what it may. */
export type RolesDocument = {
  permissions: Record<string, string>;
  roles: Record<string, { description: string; permissions: string[] }>;
};

/** What an operation asks for instead of a permission, and the security scheme that says the same. `self` is for whoever is signed in, about himself, and `person` for a person alone. */
export const otherAccess: Readonly<Record<string, string>> = {
  public: 'nothing',
  runtime: 'gatewayKey',
  consumer: 'consumerKey',
  metrics: 'metrics',
  self: 'operator',
  person: 'operator',
};

/** Everything that a role may hold, and nothing that no permission is for: `*` stands for all that will ever be there. */
export const everything = '*';

export function readRoles(): RolesDocument {
  const document = parse(readFileSync(join(import.meta.dirname, '../roles.yaml'), 'utf8')) as RolesDocument;
  const faults = roleFaults(document);
  if (faults.length > 0) throw new Error(`openapi/roles.yaml: ${faults.join(' ')}`);
  return document;
}

/** What is wrong with the roles, in sentences; empty when nothing is. */
export function roleFaults({ permissions, roles }: RolesDocument): string[] {
  const isSentence = (text: unknown) => typeof text === 'string' && /^[A-Z].*\.$/s.test(text);
  const badNames = Object.keys(permissions).filter((name) => !/^[a-z]+(-[a-z]+)*\.(read|write)$/.test(name));
  return [
    ...badNames.map((name) => `The permission ${name} must read <area>.read or <area>.write.`),
    ...Object.entries({ ...permissions, ...Object.fromEntries(Object.entries(roles).map(([name, { description }]) => [name, description])) })
      .filter(([, text]) => !isSentence(text))
      .map(([name]) => `${name} needs a sentence that says what it is for.`),
    ...Object.entries(roles).flatMap(([role, { permissions: held }]) => heldFaults(role, held, permissions)),
  ];
}

function heldFaults(role: string, held: readonly string[], permissions: RolesDocument['permissions']): string[] {
  if (held.includes(everything)) {
    if (role !== 'owner') return [`The role ${role} has ${everything}, which only owner may have: list its permissions.`];
    return held.length === 1 ? [] : [`The role ${role} has ${everything}, and needs nothing beside it.`];
  }
  const unknown = held.filter((name) => !(name in permissions));
  const twice = held.filter((name, index) => held.indexOf(name) !== index);
  return [
    ...unknown.map((name) => `The role ${role} has ${name}, which is not among the permissions.`),
    ...twice.map((name) => `The role ${role} has ${name} twice.`),
  ];
}
