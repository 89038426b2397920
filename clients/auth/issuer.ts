import type { ClientAuth, Configuration, TokenEndpointResponse } from 'openid-client';
import { IssuerError, issuerError } from './issuer-error.ts';
import type { KeptToken, RenewableToken } from './kept-token.ts';
import { assertionKey } from './private-key.ts';

/** Where a Control Plane says that people sign in, and as which client a program on their machine does. */
export type SignInOffer = { readonly issuer: string; readonly client_id: string; readonly scopes: readonly string[] };
/** How an issuer is asked: as fetch does, but through the proxies and with the trust of the context. */
export type AskIssuer = (url: string, init: RequestInit) => Promise<Response>;
/** An issuer that told of itself. */
export type KnownIssuer = { readonly issuer: string; readonly clientId: string; readonly configuration: Configuration };

type ClientProof = Pick<KeptToken, 'client_secret' | 'private_key_file'>;

/** Less than others wait for the lock that is held meanwhile. */
const patienceS = 12;

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** Asks an issuer for its endpoints (OpenID Connect Discovery 1.0 §4); it must spell itself as it was named. Throws an `IssuerError`. */
export async function discoverIssuer(
  { issuer, client_id: clientId, ...proof }: Pick<SignInOffer, 'issuer' | 'client_id'> & ClientProof,
  ask: AskIssuer,
): Promise<KnownIssuer> {
  const url = URL.parse(issuer);
  if (url === null) throw new IssuerError('unreachable', `The server names an issuer that is no URL: ${issuer}.`);
  const { allowInsecureRequests, customFetch, discovery } = await import('openid-client');
  const proven = await provenBy(proof);
  try {
    const configuration = await discovery(url, clientId, undefined, proven, {
      execute: url.protocol === 'http:' ? [allowInsecureRequests] : [],
      [customFetch]: ask as never,
      timeout: patienceS,
    });
    return { issuer, clientId, configuration };
  } catch (error) {
    throw issuerError(issuer, error);
  }
}

/** How the client says who it is: by its secret, by a key of its own, or not at all. An assertion is made anew for each request. */
async function provenBy({ client_secret: secret, private_key_file: file }: ClientProof): Promise<ClientAuth> {
  const { ClientSecretPost, modifyAssertion, None, PrivateKeyJwt } = await import('openid-client');
  if (secret !== undefined) return ClientSecretPost(secret);
  if (file === undefined) return None();
  // The name of RFC 8037, which every issuer knows that takes such keys.
  const known = (header: Record<string, unknown>) => {
    if (header['alg'] === 'Ed25519') header['alg'] = 'EdDSA';
  };
  return PrivateKeyJwt(await assertionKey(file), { [modifyAssertion]: known });
}

/** What is wrong with the issuer that a server names, as a sentence; undefined when nothing is. Where the server has TLS, passwords must not be readable on the way. */
export function issuerFault(server: string, { issuer }: Pick<SignInOffer, 'issuer'>): string | undefined {
  if (new URL(server).protocol !== 'https:' || URL.parse(issuer)?.protocol === 'https:') return undefined;
  return `${server} names the issuer ${issuer}, which is not encrypted: passwords would be read on the way. Correct STOA_PUBLIC_URL of the server.`;
}

/** What of an issuer's answer is kept. A refresh token that was not replaced stays. */
export function keptOf({ issuer, clientId }: KnownIssuer, tokens: TokenEndpointResponse, refreshToken?: string): KeptToken {
  const { access_token, refresh_token = refreshToken, expires_in } = tokens;
  return {
    access_token,
    issuer,
    client_id: clientId,
    ...(refresh_token !== undefined && { refresh_token }),
    ...(expires_in !== undefined && { expires_at: new Date(Date.now() + expires_in * 1000).toISOString() }),
  };
}

/** Signs a service account in by its secret (RFC 6749 §4.4), or by its key (RFC 7523 §2.2), by which it gets the next token, too. Throws an `IssuerError`. */
export async function signInAsMachine(
  account: Pick<SignInOffer, 'issuer' | 'client_id' | 'scopes'> & ClientProof,
  ask: AskIssuer,
): Promise<KeptToken> {
  const { clientCredentialsGrant } = await import('openid-client');
  const known = await discoverIssuer(account, ask);
  // Of a person alone.
  const scope = account.scopes.filter((name) => name !== 'openid' && name !== 'offline_access').join(' ');
  try {
    const tokens = await clientCredentialsGrant(known.configuration, scope === '' ? {} : { scope });
    const { client_secret, private_key_file } = account;
    return {
      ...keptOf(known, tokens),
      ...(client_secret !== undefined && { client_secret }),
      ...(private_key_file !== undefined && { private_key_file }),
    };
  } catch (error) {
    throw issuerError(account.issuer, error);
  }
}

/** Trades a sign-in for one in another tenant (RFC 8693); the one before ends. Throws an `IssuerError`. */
export async function movedTo(tenant: string, token: RenewableToken, ask: AskIssuer): Promise<KeptToken> {
  const { genericGrantRequest } = await import('openid-client');
  const known = await discoverIssuer(token, ask);
  const subject = { subject_token: token.access_token, subject_token_type: accessTokenType };
  try {
    return keptOf(known, await genericGrantRequest(known.configuration, exchangeGrant, { ...subject, tenant }));
  } catch (error) {
    throw issuerError(token.issuer, error);
  }
}

/** Trades the refresh token, or the secret of a machine, for new ones. Throws an `IssuerError`, `refused` when the sign-in has ended. */
export async function renewed(token: RenewableToken, ask: AskIssuer): Promise<KeptToken> {
  const { client_secret: secret, private_key_file: file, refresh_token: refreshToken = '' } = token;
  if ((secret ?? file) !== undefined) return signInAsMachine({ ...token, scopes: [] }, ask);
  const { refreshTokenGrant } = await import('openid-client');
  const known = await discoverIssuer(token, ask);
  try {
    return keptOf(known, await refreshTokenGrant(known.configuration, refreshToken), refreshToken);
  } catch (error) {
    throw issuerError(token.issuer, error);
  }
}

/** Ends a sign-in at its issuer (RFC 7009): the refresh token and all that came from it, or the access token of a machine. Throws an `IssuerError`. */
export async function revoke(token: RenewableToken, ask: AskIssuer): Promise<void> {
  const { tokenRevocation } = await import('openid-client');
  const { configuration } = await discoverIssuer(token, ask);
  if (configuration.serverMetadata().revocation_endpoint === undefined)
    throw new IssuerError('refused', `The issuer ${token.issuer} revokes no tokens.`);
  try {
    const { refresh_token: refreshToken } = token;
    if (refreshToken !== undefined) await tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' });
    else await tokenRevocation(configuration, token.access_token, { token_type_hint: 'access_token' });
  } catch (error) {
    throw issuerError(token.issuer, error);
  }
}
