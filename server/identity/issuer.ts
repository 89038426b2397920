import Provider, { errors } from 'oidc-provider';
import type { Configuration, JWK } from 'oidc-provider';
import type { Logger } from '@stoa/lib/log.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Pool } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import type { CountedRecords } from '../audit/counted.ts';
import { credentialPrefixes } from '../access/credentials.ts';
import { cliClientId, consoleClientId, isOwnClient, ownClients } from './clients.ts';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import { ClientAdapter } from './client-adapter.ts';
import { documentFetch } from './client-documents.ts';
import { devicePages } from './device-pages.ts';
import { exchangedClaims, offerExchange } from './exchange-token.ts';
import { apiResourceOf, apiScope, issuerOf, issuerPath } from './paths.ts';
import { compareSecretsOfMachines, machineSignedIn, noteFailedAssertions } from './machine-sign-in.ts';
import { showPage } from './pages/layout.ts';
import { failurePage } from './pages/sign-in.ts';
import { PayloadAdapter, payloadName } from './payload-adapter.ts';
import { RegistrationBrake } from './registration-brake.ts';
import { apiOf, resourceServer } from './resources.ts';
import { ReplayAdapter } from './replay-adapter.ts';
import { isServiceAccountId } from './service-accounts.ts';
import { publicKeysOf } from './subject-token.ts';
import { keepTenantOfGrants, tenantParam } from './tenant-grant.ts';
import type { TenantGrant } from './tenant-grant.ts';
import { findUser, membershipsOf } from './users.ts';

export type IssuerParts = {
  pool: Pool;
  keys: KeyMaterial;
  log: Logger;
  /** Where sign-ins that failed are noted. */
  counted: CountedRecords;
  publicUrl: string;
  settings: Proxies & { clientDocumentAllow: readonly string[] };
};

const hour = 60 * 60;
const day = 24 * hour;
/** A browser stays signed in at the issuer for as long as it is used within two hours, and half a day at most. */
const session = { idleS: 2 * hour, mostS: 12 * hour };

/** The embedded issuer (OpenID Connect, OAuth 2.1). Its endpoints lie below `publicUrl`, whatever a request says. Of each algorithm it signs with the first key. */
export function createIssuer(parts: IssuerParts, signingKeys: JWK[]): Provider {
  const provider = new Provider(issuerOf(parts.publicUrl), configuration(parts, signingKeys));
  provider.proxy = true; // The forwarded headers are our own by then: see `pinRequest`.
  provider.on('server_error', (_ctx, error) => parts.log.error({ err: error }, 'The issuer failed.'));
  nameTokens(provider);
  compareSecretsOfMachines(provider, parts);
  noteFailedAssertions(provider, parts);
  offerExchange({ ...parts, provider, publicKeys: publicKeysOf(signingKeys) });
  keepTenantOfGrants(provider);
  return provider;
}

function configuration(parts: IssuerParts, signingKeys: JWK[]): Configuration {
  const { pool, keys, publicUrl, settings } = parts;
  const fetchDocument = documentFetch(settings, settings.clientDocumentAllow);
  const fetches = new RegistrationBrake();
  return {
    adapter: (model: string) => {
      if (model === 'Client') return new ClientAdapter({ pool, keys });
      return model === 'ReplayDetection' ? new ReplayAdapter({ pool, keys }) : new PayloadAdapter(model, { pool, keys });
    },
    jwks: { keys: signingKeys },
    clients: ownClients(parts),
    // What real MCP clients leave out of their registration: they listen on loopback, and refresh.
    clientDefaults: { application_type: 'native', grant_types: ['authorization_code', 'refresh_token'] },
    extraClientMetadata: { properties: ['stoa_rules'], validator: judgeRegistration },
    assertJwtClientAuthClaimsAndHeader: requireSoon,
    clientBasedCORS: () => true, // Nothing that a browser sends by itself is looked at there.
    // In place of the library's own, which lets nobody allow a network.
    fetch: (url, options) => fetchDocument(url instanceof URL ? url : String(url), options as Parameters<BoundedFetch>[1]),
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'name', 'email'] },
    conformIdTokenClaims: false,
    cookies: {
      keys: [keys.hmac('cookies of the issuer').toString('base64url')],
      names: { session: 'stoa_issuer', interaction: 'stoa_interaction', resume: 'stoa_resume' },
      long: { path: issuerPath, httpOnly: true, sameSite: 'lax', signed: true, overwrite: true },
      short: { path: issuerPath, httpOnly: true, sameSite: 'lax', signed: true, overwrite: true },
    },
    ttl: {
      AccessToken: 10 * 60,
      AuthorizationCode: 60,
      ClientCredentials: 10 * 60,
      DeviceCode: 10 * 60,
      Grant: 90 * day,
      IdToken: hour,
      Interaction: hour / 2,
      RefreshToken: 14 * day,
      Session: (_ctx, { loginTs }) =>
        Math.max(1, Math.min(session.idleS, loginTs === undefined ? session.idleS : loginTs + session.mostS - Math.floor(Date.now() / 1000))),
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      deviceFlow: { enabled: true, mask: '****-****', ...devicePages },
      registration: { enabled: true, issueRegistrationAccessToken: false },
      // Whoever begins to sign in makes us fetch.
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02', allowFetch: (ctx) => fetches.waitS(ctx.ip) === undefined },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, client) => apiOf(client, publicUrl),
        getResourceServerInfo: (_ctx, resource, client) => resourceServer(parts, resource, client),
        useGrantedResource: () => true,
      },
    },
    pkce: { required: () => true },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: (_ctx, token) => token.clientId === consoleClientId, // Signing out of the Console ends no agent.
    async findAccount(_ctx, id) {
      const user = await findUser({ pool }, id);
      return user && { accountId: id, claims: () => Promise.resolve({ sub: id, name: user.name, email: user.email }) };
    },
    extraParams: [tenantParam],
    async extraTokenClaims(ctx, token) {
      const { oidc } = ctx;
      if (token.kind === 'ClientCredentials') return { tenant: (await machineSignedIn(pool, ctx, token.clientId ?? '')).tenantId };
      const exchanged = exchangedClaims.get(token);
      if (exchanged !== undefined) return exchanged;
      const accountId = 'accountId' in token ? token.accountId : undefined;
      if (accountId === undefined) return undefined;
      const chosen = (oidc.entities.Grant as TenantGrant | undefined)?.tenant;
      const memberships = await membershipsOf(pool, accountId);
      const membership = chosen === undefined ? memberships[0] : memberships.find(({ tenantId }) => tenantId === chosen);
      if (membership === undefined && chosen !== undefined) throw new errors.InvalidGrant('the person does not belong to the tenant any more');
      if (membership === undefined) throw new errors.InvalidGrant('the person belongs to no tenant');
      const grantId = 'grantId' in token ? token.grantId : undefined;
      // With the grant a token ends, also one that a gateway judges by itself and shows here to exchange it.
      return { tenant: membership.tenantId, ...(grantId !== undefined && { grant: payloadName(keys, grantId).toString('base64url') }) };
    },
    async loadExistingGrant({ oidc }) {
      const { client, session, provider } = oidc;
      if (!client || !session) return undefined;
      // Each sign-in of the command line is one of its own: it is of the tenant that was chosen for it, and ends alone.
      const grantId = oidc.result?.consent?.grantId ?? (client.clientId === cliClientId ? undefined : session.grantIdFor(client.clientId));
      if (grantId !== undefined) return provider.Grant.find(grantId);
      // The Console is ours and asks nobody.
      return client.clientId === consoleClientId && session.accountId !== undefined
        ? grantToConsole(provider, session.accountId, publicUrl)
        : undefined;
    },
    interactions: { url: (_ctx, { uid }) => `${issuerPath}/interaction/${uid}` },
    renderError: (ctx, { error, error_description: description }) => showPage(ctx, failurePage(`${description ?? error ?? 'The request failed'}.`)),
  };
}

async function grantToConsole(provider: Provider, accountId: string, publicUrl: string) {
  const grant = new provider.Grant({ accountId, clientId: consoleClientId });
  grant.addOIDCScope('openid');
  grant.addResourceScope(apiResourceOf(publicUrl), apiScope);
  await grant.save();
  return grant;
}

/** An assertion is remembered until it ends, so that it is used once: not for ever. */
function requireSoon(_ctx: unknown, { exp = 0 }: { exp?: number }): void {
  if (exp > Date.now() / 1000 + hour) throw new errors.InvalidClientAuth('exp must be within an hour from now');
}

const registrable = ['authorization_code', 'refresh_token'];

/**
 * Clients register with the scopes of the resource server, which are none of the issuer's own, and would be refused; registered with them they could
 * never ask for another. RFC 7591 §3.2.1 lets the server drop it. Who registered himself acts for persons alone, who let him in.
 */
function judgeRegistration(_ctx: unknown, _key: string, _value: unknown, metadata: Record<string, unknown>): void {
  delete metadata['scope'];
  const clientId = String(metadata['client_id']);
  if (isOwnClient(clientId) || isServiceAccountId(clientId)) return;
  const grants = (metadata['grant_types'] ?? []) as string[];
  if (!clientId.startsWith('https:')) {
    if (grants.every((grant) => registrable.includes(grant))) return;
    throw new errors.InvalidClientMetadata(`grant_types must be of ${registrable.join(' and ')}`);
  }
  metadata['grant_types'] = grants.filter((grant) => registrable.includes(grant));
  // A metadata document holds no secret, and what it leaves out would mean that there is one.
  if (metadata['token_endpoint_auth_method'] === 'client_secret_basic') metadata['token_endpoint_auth_method'] = 'none';
}

/** Gives opaque access tokens the prefix that tells them from other credentials, for people and for secret scanners. */
function nameTokens({ AccessToken, ClientCredentials }: Provider): void {
  for (const { prototype } of [AccessToken, ClientCredentials] as unknown as { prototype: { format?: string; generateTokenId(): string } }[]) {
    const generate = prototype.generateTokenId;
    prototype.generateTokenId = function (this: { format?: string }) {
      const id = generate.call(this);
      return this.format === 'opaque' ? credentialPrefixes.accessToken + id : id;
    };
  }
}
