import type { IntrospectionItem } from '@stoa/generated/schemas.ts';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import type { TokenClaims } from './claims.ts';
import { IssuerAway } from './issuer-keys.ts';

/**
 * What an issuer says of a token (RFC 7662); undefined when it is not active.
 * @throws IssuerAway when the issuer cannot be asked, or does not know who asks
 */
export async function introspect(
  fetch: BoundedFetch,
  endpoint: string | undefined,
  { client_id: id, client_secret: secret }: Pick<IntrospectionItem, 'client_id' | 'client_secret'>,
  token: string,
): Promise<TokenClaims | undefined> {
  if (endpoint === undefined) throw new IssuerAway('its metadata names no introspection_endpoint');
  if (!URL.canParse(endpoint) || isReadableOnTheWay(endpoint)) throw new IssuerAway('its introspection_endpoint is not of https');
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      // RFC 6749 §2.3.1: both are form-encoded first.
      authorization: `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`,
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  }).catch((error: unknown) => {
    throw new IssuerAway(`${endpoint} cannot be reached: ${(error as Error).message}`);
  });
  if (answer.status !== 200) throw new IssuerAway(`${endpoint} answered ${answer.status}`);
  const value: unknown = await answer.json().catch(() => undefined);
  if (typeof value !== 'object' || value === null) throw new IssuerAway(`${endpoint} answered no JSON object`);
  return (value as TokenClaims)['active'] === true ? (value as TokenClaims) : undefined;
}

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
