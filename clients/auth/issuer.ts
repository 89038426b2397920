import type { Configuration, TokenEndpointResponse } from 'openid-client';
import { IssuerError, issuerError } from './issuer-error.ts';
import type { KeptToken, RenewableToken } from './kept-token.ts';

/** Where a Control Plane says that people sign in, and as which client a program on their machine does. */
export type SignInOffer = { readonly issuer: string; readonly client_id: string; readonly scopes: readonly string[] };
/** How an issuer is asked: as fetch does, but through the proxies and with the trust of the context. */
export type AskIssuer = (url: string, init: RequestInit) => Promise<Response>;
/** An issuer that told of itself. */
export type KnownIssuer = { readonly issuer: string; readonly clientId: string; readonly configuration: Configuration };

/** Less than others wait for the lock that is held meanwhile. */
const patienceS = 12;

/** Asks an issuer for its endpoints (OpenID Connect Discovery 1.0 §4); it must spell itself as it was named. Throws an `IssuerError`. */
export async function discoverIssuer(
  { issuer, client_id: clientId }: Pick<SignInOffer, 'issuer' | 'client_id'>,
  ask: AskIssuer,
): Promise<KnownIssuer> {
  const url = URL.parse(issuer);
  if (url === null) throw new IssuerError('unreachable', `The server names an issuer that is no URL: ${issuer}.`);
  const { allowInsecureRequests, customFetch, discovery, None } = await import('openid-client');
  try {
    const configuration = await discovery(url, clientId, undefined, None(), {
      execute: url.protocol === 'http:' ? [allowInsecureRequests] : [],
      [customFetch]: ask as never,
      timeout: patienceS,
    });
    return { issuer, clientId, configuration };
  } catch (error) {
    throw issuerError(issuer, error);
  }
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

/** Trades the refresh token for new ones. Throws an `IssuerError`, `refused` when the sign-in has ended. */
export async function renewed(token: RenewableToken, ask: AskIssuer): Promise<KeptToken> {
  const { refreshTokenGrant } = await import('openid-client');
  const known = await discoverIssuer(token, ask);
  try {
    return keptOf(known, await refreshTokenGrant(known.configuration, token.refresh_token), token.refresh_token);
  } catch (error) {
    throw issuerError(token.issuer, error);
  }
}

/** Ends a sign-in at its issuer (RFC 7009): the refresh token and all that came from it. Throws an `IssuerError`. */
export async function revoke(token: RenewableToken, ask: AskIssuer): Promise<void> {
  const { tokenRevocation } = await import('openid-client');
  const { configuration } = await discoverIssuer(token, ask);
  if (configuration.serverMetadata().revocation_endpoint === undefined)
    throw new IssuerError('refused', `The issuer ${token.issuer} revokes no tokens.`);
  try {
    await tokenRevocation(configuration, token.refresh_token, { token_type_hint: 'refresh_token' });
  } catch (error) {
    throw issuerError(token.issuer, error);
  }
}
