import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import { printable } from '@stoa/lib/printable.ts';
import type { GrantProof, OAuthClient } from '../../model.ts';
import { ProofFailure } from './proof-failure.ts';

/** A token, and for how many seconds it is good; undefined where the issuer does not say. */
export type GivenToken = { readonly token: string; readonly lifetimeS: number | undefined };

const maxTokenChars = 16_384;
const maxWordsChars = 200;
const assertionLifetimeS = 60;
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Asks a token endpoint, by RFC 6749 §4.4 or, where there is the token of a caller, by RFC 8693.
 * @throws ProofFailure that says what the issuer said
 */
export async function requestToken(
  fetch: BoundedFetch,
  { endpoint, client, asked }: GrantProof,
  subjectToken: string | undefined,
): Promise<GivenToken> {
  const form = new URLSearchParams(
    subjectToken === undefined
      ? { grant_type: 'client_credentials' }
      : { grant_type: exchangeGrant, subject_token: subjectToken, subject_token_type: accessToken, requested_token_type: accessToken },
  );
  for (const [name, value] of asked) form.append(name, value);
  const what = subjectToken === undefined ? 'give a token' : "exchange the caller's token";
  const authorization = await proveClient(client, endpoint, form);
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization !== undefined && { authorization }),
    },
    body: form.toString(),
  }).catch((error: unknown) => {
    throw new ProofFailure('The issuer of tokens for the upstream cannot be reached.', { cause: error });
  });
  const told = await readJson(answer);
  if (answer.status !== 200) {
    const words = wordsIn(told, [client.secret, subjectToken]);
    throw new ProofFailure(`The issuer of tokens for the upstream would not ${what}${words === '' ? ` (status ${answer.status})` : `: ${words}`}.`);
  }
  return tokenIn(told);
}

/** The header that proves who asks; undefined where it is proven in the form. */
async function proveClient({ id, method, secret = '', key }: OAuthClient, endpoint: string, form: URLSearchParams): Promise<string | undefined> {
  // RFC 6749 §2.3.1: both are form-encoded first.
  if (method === 'client_secret_basic') return `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`;
  form.append('client_id', id);
  if (method === 'client_secret_post') form.append('client_secret', secret);
  if (key !== undefined) {
    form.append('client_assertion_type', assertionType);
    form.append('client_assertion', await assertionOf(id, endpoint, key));
  }
  return undefined;
}

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** RFC 7523 §2.2. */
function assertionOf(id: string, endpoint: string, { key, algorithm, keyId }: NonNullable<OAuthClient['key']>): Promise<string> {
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(endpoint)
    .setIssuedAt()
    .setExpirationTime(`${assertionLifetimeS}s`)
    .sign(key);
}

async function readJson(answer: Response): Promise<Record<string, unknown>> {
  const value: unknown = await answer.json().catch(() => undefined);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The issuer's own words, bounded and on one line; none where they repeat what they must not. */
function wordsIn({ error, error_description: description }: Record<string, unknown>, secrets: readonly (string | undefined)[]): string {
  const words = [error, description].filter((each) => typeof each === 'string' && each !== '').join(': ');
  if (secrets.some((secret) => secret !== undefined && secret !== '' && words.includes(secret))) return '';
  return printable(words).slice(0, maxWordsChars).replace(/\.+$/, '');
}

function tokenIn({ access_token: token, token_type: type, expires_in: lifetime }: Record<string, unknown>): GivenToken {
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token) || token.length > maxTokenChars)
    throw new ProofFailure('The issuer of tokens for the upstream answered without a token.');
  // What is bound to a key is of no use without a proof of that key.
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw new ProofFailure('The issuer of tokens for the upstream gave a token that is no bearer token.');
  return { token, lifetimeS: typeof lifetime === 'number' && lifetime > 0 ? lifetime : undefined };
}
