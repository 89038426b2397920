import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type {
  AnyUpstreamCredential,
  ApiRequest,
  ClientCredentials,
  TokenExchange,
  UpstreamAuthPlace,
  UpstreamCredential,
} from '@stoa/generated/schemas.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import type { CredentialTarget } from './compile/security.ts';
import { framingFields, headerValue } from './header-fields.ts';

/** Those that are not simply sent, told apart by their kind. */
export type KindOfCredential = Exclude<AnyUpstreamCredential, UpstreamCredential>;
export type TokenGrant = ClientCredentials | TokenExchange;
type Given = Extract<NonNullable<ApiRequest['upstream_auth']>, readonly unknown[]>[number];
export type CredentialFault = { readonly member: string; readonly message: string };

export const isOfKind = (credential: AnyUpstreamCredential | Given): credential is KindOfCredential => 'kind' in credential;
export const isGrant = (credential: KindOfCredential): credential is TokenGrant =>
  credential.kind === 'client_credentials' || credential.kind === 'token_exchange';

export const assertionHeader = 'X-Stoa-Assertion';
const authorization = 'Authorization';
/** Where a client certificate goes. */
const ofConnection = { in: 'connection', name: 'certificate' } as const;

/** Where one is to go in a request, for who reads the document; undefined for what goes with the connection. */
export function targetOf(credential: KindOfCredential): CredentialTarget | undefined {
  switch (credential.kind) {
    case 'client_certificate':
      return undefined;
    case 'assertion':
      return { in: 'header', name: assertionHeader };
    case 'basic':
      return credential.scheme === undefined ? { in: 'header', name: authorization } : { scheme: credential.scheme };
    case 'client_credentials':
    case 'token_exchange': {
      const { scheme, header } = credential;
      return scheme !== undefined && header === undefined ? { scheme } : { scheme, in: 'header', name: header ?? authorization };
    }
  }
}

/** One that is kept, as it may be told: without its secrets, but with where runtimes have them. */
export function toldOf(credential: AnyUpstreamCredential): UpstreamAuthPlace {
  if (!isOfKind(credential)) {
    const { value, auth: _auth, ...place } = credential;
    return typeof value === 'string' ? place : { ...place, settings: { value } };
  }
  const { kind, ...members } = credential;
  const { scheme, ...given } = members as { scheme?: string } & Record<string, unknown>;
  const { in: place, name } = placeOf(credential);
  const settings = Object.fromEntries(Object.entries(given).filter(([member, value]) => !secretMembers.has(member) || typeof value !== 'string'));
  return { ...(scheme !== undefined && { scheme }), in: place, name, kind, ...(Object.keys(settings).length > 0 && { settings }) };
}

function placeOf(credential: KindOfCredential): Pick<UpstreamAuthPlace, 'in' | 'name'> {
  if (credential.kind === 'client_certificate') return ofConnection;
  if (credential.kind === 'assertion') return { in: 'header', name: assertionHeader };
  return { in: 'header', name: (isGrant(credential) ? credential.header : undefined) ?? authorization };
}

/** The members that hold secrets, whatever the kind. */
const secretMembers: ReadonlySet<string> = new Set(['value', 'password', 'client_secret', 'private_key', 'certificate', 'key']);

/** What of one cannot be, beyond what its schema says. */
export function faultsOfKind(credential: KindOfCredential): CredentialFault[] {
  if (credential.kind === 'basic') {
    const { password } = credential;
    const isSendable = typeof password !== 'string' || !/[\0-\x1f\x7f]/.test(password);
    return isSendable ? [] : [{ member: 'password', message: 'must not hold control characters' }];
  }
  return isGrant(credential) ? [...faultsOfPlace(credential), ...faultsOfClient(credential)] : [];
}

const ofTheMessage: ReadonlySet<string> = new Set([...framingFields, 'content-type', 'cookie']);

function faultsOfPlace({ header = authorization, token_endpoint: endpoint }: TokenGrant): CredentialFault[] {
  const faults: CredentialFault[] = [];
  if (ofTheMessage.has(header.toLowerCase()) || header.toLowerCase().startsWith('x-stoa-'))
    faults.push({ member: 'header', message: `${header} cannot carry a credential` });
  if (!URL.canParse(endpoint) || isReadableOnTheWay(endpoint))
    faults.push({ member: 'token_endpoint', message: 'must be of https, or of loopback: the secret could be read on the way' });
  else if (new URL(endpoint).username !== '' || new URL(endpoint).password !== '')
    faults.push({ member: 'token_endpoint', message: 'must not hold a user name or password' });
  return faults;
}

function faultsOfClient({
  client_auth: auth = 'client_secret_basic',
  client_secret: secret,
  private_key: key,
  algorithm,
}: TokenGrant): CredentialFault[] {
  if (auth !== 'private_key_jwt') {
    const faults: CredentialFault[] = [];
    if (secret === undefined) faults.push({ member: 'client_secret', message: `is required for ${auth}` });
    if (typeof secret === 'string' && !headerValue.test(secret))
      faults.push({ member: 'client_secret', message: 'must not hold control characters' });
    if (key !== undefined) faults.push({ member: 'private_key', message: 'is for client_auth private_key_jwt' });
    return faults;
  }
  if (secret !== undefined) return [{ member: 'client_secret', message: 'is not for client_auth private_key_jwt' }];
  if (key === undefined) return [{ member: 'private_key', message: 'is required for private_key_jwt' }];
  return typeof key === 'string' ? faultsOfKey(key, algorithm) : [];
}

function faultsOfKey(pem: string, algorithm: TokenGrant['algorithm']): CredentialFault[] {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return [{ member: 'private_key', message: 'is no private key in PEM without a password' }];
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: { namedCurve } = {} } = key;
  const fitting =
    type === 'rsa'
      ? /^[RP]S/
      : type === 'ed25519'
        ? /^EdDSA$/
        : namedCurve === 'prime256v1'
          ? /^ES256$/
          : namedCurve === 'secp384r1'
            ? /^ES384$/
            : /^$/;
  if (algorithm === undefined ? fitting.source === '^$' : !fitting.test(algorithm))
    return [
      {
        member: algorithm === undefined ? 'private_key' : 'algorithm',
        message: 'does not fit the key: RS and PS are for RSA, ES256 and ES384 for their curves, EdDSA for Ed25519',
      },
    ];
  return [];
}
