import { rightsOf } from '@stoa/generated/permissions.ts';
import { expect, it } from 'vitest';
import { requireRight } from './require-right.ts';
import type { OperatorPrincipal } from './principal.ts';

const withRoles = (...roles: string[]): OperatorPrincipal => narrowed(roles, ['*']);
const narrowed = (roles: string[], scopes: string[]): OperatorPrincipal => ({
  kind: 'operator',
  tenantId: 'tenant',
  tokenId: 'token',
  issuerId: 'token',
  name: 'test',
  roles,
  scopes,
  rights: rightsOf(roles, scopes),
  via: 'bearer',
  userId: undefined,
  expiresAt: undefined,
});

it('a refusal names the permission, the roles that have it, and what the credential has', () => {
  expect(() => requireRight(withRoles('viewer'), 'createApi')).toThrow(
    'This needs the permission apis.write, which the roles owner, admin and publisher have. This credential has the role viewer.',
  );
  expect(() => requireRight(withRoles('operator', 'auditor'), 'createConsumer')).toThrow('This credential has the roles operator and auditor.');
});

it('a refusal says what scopes leave of the roles', () => {
  expect(() => requireRight(narrowed(['owner'], ['apis.read', 'usage.read']), 'listPolicies')).toThrow(
    'This credential has the role owner, narrowed to apis.read and usage.read.',
  );
  expect(() => requireRight(narrowed(['owner'], ['apis.read']), 'listApis')).not.toThrow();
  expect(() => requireRight(narrowed(['viewer'], ['apis.write']), 'createApi')).toThrow('apis.write');
  expect(() => requireRight(narrowed(['owner'], []), 'listApis')).toThrow('apis.read');
});

it('what one role lacks another may give', () => {
  expect(() => requireRight(withRoles('operator', 'consumer-admin'), 'createConsumer')).not.toThrow();
});

it('what is about oneself needs no role, and a role that is not known gives none', () => {
  expect(() => requireRight(withRoles('constructor'), 'deleteSession')).not.toThrow();
  expect(() => requireRight(withRoles('constructor'), 'listApis')).toThrow('apis.read');
});
