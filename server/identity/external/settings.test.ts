import { describe, expect, it } from 'vitest';
import { settings } from '../../config.ts';
import { roleTable, rolesOfGroups } from './role-table.ts';

const whole = {
  STOA_OIDC_ISSUER: 'https://login.example/realms/acme/',
  STOA_OIDC_CLIENT_ID: 'control-plane',
  STOA_OIDC_CLIENT_SECRET: 'secret',
  STOA_OIDC_ROLES: 'owners=owner',
};
const faultsOf = (given: Record<string, string | undefined>) =>
  settings.judge({ argv: [], env: given }).verdicts.flatMap((verdict) => ('fault' in verdict ? [verdict.fault] : []));

describe('the settings of an external issuer', () => {
  it('are taken as they should be, the issuer to the letter', () => {
    expect(faultsOf(whole)).toEqual([]);
    expect(settings.load({ argv: [], env: whole })).toMatchObject({ oidcIssuer: 'https://login.example/realms/acme/', oidcAskAgain: 600_000 });
  });

  it.each([
    [{ ...whole, STOA_OIDC_ISSUER: 'http://login.example' }, 'STOA_OIDC_ISSUER must be an https URL'],
    [{ ...whole, STOA_OIDC_ISSUER: 'login.example' }, 'STOA_OIDC_ISSUER must be the URL of an issuer'],
    [
      { ...whole, STOA_OIDC_CLIENT_SECRET: undefined },
      'STOA_OIDC_CLIENT_ID and STOA_OIDC_CLIENT_SECRET (or STOA_OIDC_CLIENT_SECRET_FILE) are required',
    ],
    [{ ...whole, STOA_OIDC_ROLES: undefined }, 'STOA_OIDC_ROLES is required'],
    [{ ...whole, STOA_OIDC_ROLES: 'owners=boss' }, 'must hold roles, which are owner, admin'],
    [{ ...whole, STOA_OIDC_ROLES: 'owners' }, 'must hold entries such as'],
    [{ ...whole, STOA_OIDC_AUDIENCE: 'stoactl' }, 'an ID token of stoactl would pass for an access token'],
    [{ ...whole, STOA_OIDC_SCOPES: 'profile' }, 'must hold the scope openid'],
    [{ ...whole, STOA_OIDC_ASK_AGAIN: '16m' }, 'must be between 1s and 15m'],
    [{ STOA_OIDC_ROLES: 'owners=owner' }, 'STOA_OIDC_ROLES has no effect without STOA_OIDC_ISSUER'],
    [{ STOA_OIDC_AUDIENCE: 'x' }, 'STOA_OIDC_AUDIENCE has no effect without STOA_OIDC_ISSUER'],
  ])('%j is refused', (given, says) => {
    expect(faultsOf(given)).toEqual([expect.stringContaining(says)]);
  });
});

describe('the table of groups', () => {
  it('takes names with = and :, and tenants before roles', () => {
    expect(roleTable(['CN=ops:eu,OU=x=operator', '/acme = acme:auditor'])).toEqual([
      { group: 'CN=ops:eu,OU=x', tenant: 'default', role: 'operator' },
      { group: '/acme', tenant: 'acme', role: 'auditor' },
    ]);
  });

  it('gives each role once, and nothing for what is no list of names', () => {
    const table = roleTable(['a=viewer', 'b=viewer', 'b=operator', 'c=acme:owner']);
    expect([...rolesOfGroups(table, ['b', 'a', 'c', 7])]).toEqual([
      ['default', ['viewer', 'operator']],
      ['acme', ['owner']],
    ]);
    for (const none of [undefined, null, 'a', { a: true }, 7]) expect(rolesOfGroups(table, none).size).toBe(0);
  });
});
