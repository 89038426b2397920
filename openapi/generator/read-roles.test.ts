import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readRoles, roleFaults } from './read-roles.ts';

const permissions = { 'apis.read': 'Read APIs.', 'apis.write': 'Change APIs.' };
const faultsOf = (role: string, held: string[], description = 'Does things.') =>
  roleFaults({ permissions, roles: { [role]: { description, permissions: held } } });

describe('the roles', () => {
  it('are sound, and the seven that users know', () => {
    const names = ['owner', 'admin', 'publisher', 'operator', 'consumer-admin', 'auditor', 'viewer'];
    expect(Object.keys(readRoles().roles)).toEqual(names);
    const schemas = parse(readFileSync(join(import.meta.dirname, '../schemas/management.yaml'), 'utf8')) as { OperatorRole: { enum: string[] } };
    expect(schemas.OperatorRole.enum).toEqual(names);
  });

  it('hold permissions that exist, once each', () => {
    expect(faultsOf('viewer', ['apis.read'])).toEqual([]);
    expect(faultsOf('viewer', ['apis.red'])).toEqual(['The role viewer has apis.red, which is not among the permissions.']);
    expect(faultsOf('viewer', ['apis.read', 'apis.read'])).toEqual(['The role viewer has apis.read twice.']);
  });

  it('leave everything to the owner', () => {
    expect(faultsOf('owner', ['*'])).toEqual([]);
    expect(faultsOf('admin', ['*'])).toEqual([expect.stringContaining('which only owner may have')]);
    expect(faultsOf('owner', ['*', 'apis.read'])).toEqual([expect.stringContaining('needs nothing beside it')]);
  });

  it('say what they are for', () => {
    expect(faultsOf('viewer', [], 'reads')).toEqual(['viewer needs a sentence that says what it is for.']);
    expect(roleFaults({ permissions: { apis: 'Read APIs.' }, roles: {} })).toEqual(['The permission apis must read <area>.read or <area>.write.']);
  });
});
