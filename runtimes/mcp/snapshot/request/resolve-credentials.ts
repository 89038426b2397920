import { createPrivateKey, hash, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { AnyUpstreamCredential, ClientCredentials, TokenExchange, Upstream, UpstreamSecret } from '@stoa/generated/schemas.ts';
import { withScheme } from '@stoa/lib/authorization-scheme.ts';
import { isGatewaysOwn } from '@stoa/lib/own-headers.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import type { ClientIdentity, GrantProof, OAuthClient, PlacedCredential } from '../../model.ts';
import { ApiRejection } from '../api-rejection.ts';
import type { RuntimeSecrets } from '../secrets.ts';

/** What proves the gateway to an upstream: credentials in requests, and the certificate that it shows. */
export type ResolvedCredentials = { readonly credentials: readonly PlacedCredential[]; readonly identity: ClientIdentity | undefined };

export const assertionHeader = 'x-stoa-assertion';

/**
 * All credentials of an API, with the secrets that this runtime has; those of a Control Plane that knows of one only are a list of one.
 * @param origins where they are sent
 * @throws ApiRejection for what cannot be: an API is not served without a credential that it has
 */
export function resolveCredentials({ auth, credentials }: Upstream, origins: readonly string[], secrets: RuntimeSecrets): ResolvedCredentials {
  const all = credentials ?? (auth === undefined ? [] : [{ in: 'header' as const, name: auth.header, value: auth.value }]);
  const hosts = origins.map((origin) => new URL(origin).host);
  try {
    const identity = all.find((credential) => 'kind' in credential && credential.kind === 'client_certificate');
    return {
      credentials: all.flatMap((credential) => placedOf(credential, hosts, secrets) ?? []),
      identity: identity === undefined ? undefined : identityOf(identity, origins, secrets),
    };
  } catch (error) {
    throw new ApiRejection(`Not served, because its upstream wants a credential that there is not here: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

type CertificateOf = Extract<AnyUpstreamCredential, { kind: 'client_certificate' }>;

function placedOf(credential: AnyUpstreamCredential, hosts: readonly string[], secrets: RuntimeSecrets): PlacedCredential | undefined {
  const revealed = (secret: UpstreamSecret): string => (typeof secret === 'string' ? secret : secrets.read(secret.runtime, hosts));
  if (!('kind' in credential)) {
    const { auth, value, ...place } = credential;
    if (place.in === 'header' && isGatewaysOwn(place.name)) throw new Error(`${place.name} is the gateway's own to say.`);
    const text = revealed(value);
    if (place.in === 'header' && typeof value !== 'string' && !/^[\t\x20-\x7e\x80-\xff]*$/.test(text))
      throw new Error(`The secret ${value.runtime} of this runtime holds what a header cannot carry.`);
    return { ...place, value: auth === undefined ? text : withScheme(auth, text) };
  }
  switch (credential.kind) {
    case 'basic': {
      const { scheme, username, password } = credential;
      const pair = Buffer.from(`${username}:${revealed(password)}`, 'utf8').toString('base64');
      return { ...(scheme !== undefined && { scheme }), in: 'header', name: 'Authorization', value: `Basic ${pair}` };
    }
    case 'client_credentials':
    case 'token_exchange': {
      const { scheme, header = 'Authorization' } = credential;
      return { ...(scheme !== undefined && { scheme }), in: 'header', name: header, proof: grantOf(credential, secrets) };
    }
    case 'assertion':
      return { in: 'header', name: assertionHeader, proof: { kind: 'assertion', header: assertionHeader } };
    case 'client_certificate':
      return undefined;
  }
}

function grantOf(credential: ClientCredentials | TokenExchange, secrets: RuntimeSecrets): GrantProof {
  const { kind, header = 'Authorization', token_endpoint: endpoint, scope, audience, resource } = credential;
  if (!URL.canParse(endpoint) || isReadableOnTheWay(endpoint)) throw new Error('The token endpoint is not of https.');
  const hosts = [new URL(endpoint).host];
  const revealed = (secret: UpstreamSecret | undefined): string | undefined =>
    secret === undefined || typeof secret === 'string' ? secret : secrets.read(secret.runtime, hosts);
  const { client_id: id, client_auth: method = 'client_secret_basic', key_id: keyId, algorithm } = credential;
  const secret = revealed(credential.client_secret);
  const pem = revealed(credential.private_key);
  if ((method === 'private_key_jwt' ? pem : secret) === undefined) throw new Error(`The client ${id} has nothing to prove itself by.`);
  const key = pem === undefined ? undefined : privateKeyOf(pem);
  const client: OAuthClient = {
    id,
    method,
    secret,
    ...(key !== undefined && { key: { key, algorithm: algorithm ?? algorithmOf(key), keyId } }),
  };
  const asked = Object.entries({ scope, audience, resource }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const name = hash('sha256', JSON.stringify([kind, endpoint, id, method, secret, pem, keyId, algorithm, asked]), 'base64');
  return { kind, name, header: header.toLowerCase(), endpoint, client, asked };
}

function privateKeyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // Not its own words: they may hold a part of what was read.
    throw new Error('What should be a private key is none in PEM without a password.', { cause: error });
  }
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return 'RS256';
  if (type === 'ed25519') return 'EdDSA';
  const found = details?.namedCurve === 'prime256v1' ? 'ES256' : details?.namedCurve === 'secp384r1' ? 'ES384' : undefined;
  if (found === undefined) throw new Error('The private key is of no kind that tokens are signed with: RSA, P-256, P-384 or Ed25519.');
  return found;
}

function identityOf({ certificate, key }: CertificateOf, origins: readonly string[], secrets: RuntimeSecrets): ClientIdentity {
  const plain = origins.find((origin) => !origin.startsWith('https:'));
  if (plain !== undefined) throw new Error('A client certificate is shown to upstreams of https alone.');
  const hosts = origins.map((origin) => new URL(origin).host);
  const [certificatePem, keyPem] = [secrets.read(certificate.runtime, hosts), secrets.read(key.runtime, hosts)];
  if (!certificateIn(certificatePem).checkPrivateKey(privateKeyOf(keyPem)))
    throw new Error(`The secret ${key.runtime} is not the key of the certificate ${certificate.runtime}.`);
  return { name: hash('sha256', `${certificatePem}\n${keyPem}`, 'hex').slice(0, 32), cert: certificatePem, key: keyPem };
}

function certificateIn(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error('What should be a client certificate is none in PEM.', { cause: error });
  }
}
