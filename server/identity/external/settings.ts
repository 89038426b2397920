import { setting } from '@stoa/lib/settings.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import { roleTableFault } from './role-table.ts';

const maxAskAgainMs = 15 * 60_000;
const isUrl = { pattern: /^https?:\/\/[^\s?#@]+$/, says: 'must be the URL of an issuer, such as https://login.example.com/realms/acme' };
const name = { pattern: /^[\x21-\x7e]+$/, says: 'must be of visible ASCII characters without spaces' };
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** An issuer that takes the place of the embedded one. */
export const externalIssuerSettings = {
  oidcIssuer: setting.string({
    optional: true,
    matches: isUrl,
    check: issuerFault,
    describe: 'OpenID Connect issuer to sign people in at, exactly as it calls itself; the embedded one is off then.',
  }),
  oidcClientId: setting.string({ optional: true, matches: name, describe: 'The confidential client that this server is at STOA_OIDC_ISSUER.' }),
  oidcClientSecret: setting.secret({ optional: true, describe: 'The secret of that client.' }),
  oidcCliClientId: setting.string({
    default: 'stoactl',
    matches: name,
    describe: 'The public client that stoactl is at STOA_OIDC_ISSUER. Access tokens that others were given are refused.',
  }),
  oidcAudience: setting.string({
    optional: true,
    matches: name,
    describe: 'What access tokens of STOA_OIDC_ISSUER must have in aud to be taken at /v1. STOA_OIDC_CLIENT_ID when absent.',
  }),
  oidcScopes: setting.list({ default: ['openid', 'profile', 'email'], check: scopesFault, describe: 'Scopes that the Console and stoactl ask for.' }),
  oidcGroupsClaim: setting.string({ default: 'groups', describe: 'The claim that names the groups of a person. Without it a person has none.' }),
  oidcRoles: setting.list({
    default: [],
    check: roleTableFault,
    describe: 'What groups are here: GROUP=ROLE, or GROUP=TENANT:ROLE where it is not the tenant default. Groups that are not named give nothing.',
  }),
  oidcAcr: setting.list({
    default: [],
    describe: 'Authentication contexts (acr) of which a sign-in must have one. They are asked for, and what comes back is checked.',
  }),
  oidcAskAgain: setting.durationMs({
    default: '10m',
    minMs: 1000,
    maxMs: maxAskAgainMs,
    describe: 'A session asks the issuer again after this time: who was disabled there, or lost a group, is out by then.',
  }),
};

export type ExternalIssuerSettings = SettingsOf<typeof externalIssuerSettings>;

function issuerFault(issuer: string): string | undefined {
  const url = URL.parse(issuer);
  if (url === null) return isUrl.says;
  return url.protocol === 'https:' || loopback.test(url.hostname)
    ? undefined
    : 'must be an https URL: a server between could sign in as anybody (http is for an issuer on this machine)';
}

function scopesFault(scopes: readonly string[]): string | undefined {
  return scopes.includes('openid') ? undefined : 'must hold the scope openid';
}

/** What stands and falls with `STOA_OIDC_ISSUER`. What has no effect must stop the start, or its author believes that it is in force. */
export function externalIssuerFault(settings: ExternalIssuerSettings): string | undefined {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcAudience, oidcCliClientId, oidcRoles, oidcAcr } = settings;
  if (oidcIssuer === undefined) {
    const idle = Object.entries({
      STOA_OIDC_CLIENT_ID: oidcClientId !== undefined,
      STOA_OIDC_CLIENT_SECRET: oidcClientSecret !== undefined,
      STOA_OIDC_AUDIENCE: oidcAudience !== undefined,
      STOA_OIDC_ROLES: oidcRoles.length > 0,
      STOA_OIDC_ACR: oidcAcr.length > 0,
    }).find(([, isSet]) => isSet);
    return idle && `${idle[0]} has no effect without STOA_OIDC_ISSUER: set that, or remove it.`;
  }
  if (oidcClientId === undefined || oidcClientSecret === undefined)
    return 'With STOA_OIDC_ISSUER, STOA_OIDC_CLIENT_ID and STOA_OIDC_CLIENT_SECRET (or STOA_OIDC_CLIENT_SECRET_FILE) are required: register a confidential client there.';
  if (oidcRoles.length === 0)
    return 'With STOA_OIDC_ISSUER, STOA_OIDC_ROLES is required: nobody would have a role. Name a group, such as stoa-owners=owner.';
  if ((oidcAudience ?? oidcClientId) === oidcCliClientId)
    return 'STOA_OIDC_AUDIENCE must not be STOA_OIDC_CLI_CLIENT_ID: an ID token of stoactl would pass for an access token. Give the API an audience of its own.';
  return undefined;
}
