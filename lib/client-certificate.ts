import { X509Certificate, hash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { trustOf, peerOf } from './client-address.ts';
import type { RequestOrigin } from './client-address.ts';

/** What a certificate that a client proved to have says of it. */
export type PresentedCertificate = {
  /** SHA-256 of its DER form in base64url, as tokens are bound to it (RFC 8705 §3.1). */
  readonly thumbprint: string;
  /** Its names: `URI:spiffe://bank.example/agent`, `DNS:agent.bank.example`, `email:agent@bank.example`. */
  readonly names: readonly string[];
};

/** Headers in which proxies tell of the certificate of their client, each in a form of its own. */
export const certificateHeaders = [
  'x-forwarded-client-cert',
  'client-cert',
  'x-ssl-client-cert',
  'ssl-client-cert',
  'x-client-cert',
  'x-forwarded-tls-client-cert',
] as const;
export type CertificateHeader = (typeof certificateHeaders)[number];

export type CertificateOptions = {
  readonly trustedProxies: readonly string[];
  /** The one that the proxies replace, whatever their clients wrote there; undefined where there are none, or they tell of no certificates. */
  readonly header: CertificateHeader | undefined;
};

/** A chain of certificates in PEM is less. */
const maxChars = 32_768;

/**
 * Tells the certificate of whoever sent a request: that of the connection, which its TLS has verified, or, where the connection is a trusted proxy's, what it tells, if anything. What anybody
 * else writes into that header is nothing, and the proxy's own certificate is nobody's who calls.
 */
export function clientCertificates(options: CertificateOptions): (request: RequestOrigin) => PresentedCertificate | undefined {
  const told = toldCertificates(options);
  const isTrusted = trustOf(options.trustedProxies);
  return (request) => {
    const peer = peerOf(request);
    return peer !== undefined && isTrusted(peer) ? told(request) : certificateOf(request.socket);
  };
}

/** The same for a request that another gateway asks about: what that one tells, where it is a trusted proxy, and nothing else. */
export function toldCertificates({ trustedProxies, header }: CertificateOptions): (request: RequestOrigin) => PresentedCertificate | undefined {
  const isTrusted = trustOf(trustedProxies);
  return (request) => {
    const peer = peerOf(request);
    const text = header === undefined ? undefined : request.headers[header];
    if (header === undefined || peer === undefined || typeof text !== 'string' || text === '' || text.length > maxChars || !isTrusted(peer))
      return undefined;
    return readTold(header, text);
  };
}

const ofConnections = new WeakMap<Socket, PresentedCertificate | 'none'>();

/** The one that whoever connected has shown, and an authority of ours vouches for: a proxy's own, where a proxy connected. */
export function certificateOf(socket: RequestOrigin['socket']): PresentedCertificate | undefined {
  const { authorized, getPeerX509Certificate } = socket as Partial<TLSSocket>;
  if (authorized !== true || getPeerX509Certificate === undefined) return undefined;
  let known = ofConnections.get(socket);
  if (known === undefined) {
    const certificate = (socket as TLSSocket).getPeerX509Certificate();
    known = certificate === undefined ? 'none' : factsOf(certificate);
    ofConnections.set(socket, known);
  }
  return known === 'none' ? undefined : known;
}

/** Of PEM that is escaped as in a URL; undefined for what is none. */
export function certificateFromEscapedPem(text: string): PresentedCertificate | undefined {
  if (text === '' || text.length > maxChars) return undefined;
  try {
    return factsOf(new X509Certificate(decodeURIComponent(text)));
  } catch {
    return undefined;
  }
}

const factsOf = ({ raw, subjectAltName }: X509Certificate): PresentedCertificate => ({
  thumbprint: hash('sha256', raw, 'base64url'),
  names: namesIn(subjectAltName ?? ''),
});

/** Node writes a name that holds what separates names in quotes, as JSON does. */
function namesIn(subjectAltName: string): string[] {
  const names: string[] = [];
  for (const [, type = '', text = ''] of subjectAltName.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/g)) {
    if (type !== 'URI' && type !== 'DNS' && type !== 'email') continue;
    names.push(`${type}:${text.startsWith('"') ? String(JSON.parse(text)) : text}`);
  }
  return names;
}

function readTold(header: CertificateHeader, text: string): PresentedCertificate | undefined {
  try {
    if (header === 'x-forwarded-client-cert') return readEnvoys(text);
    // RFC 9440 §2.1: a byte sequence of RFC 8941.
    if (header === 'client-cert') return certificateFromDer(/^:([A-Za-z0-9+/=]+):$/.exec(text.trim())?.[1]);
    // nginx escapes the PEM, Traefik leaves its frame out and puts those of the chain behind it.
    const decoded = decodeURIComponent(text.split(',', 1)[0] ?? '');
    return decoded.includes('-----BEGIN') ? factsOf(new X509Certificate(decoded)) : certificateFromDer(decoded.trim());
  } catch {
    return undefined;
  }
}

const certificateFromDer = (base64: string | undefined): PresentedCertificate | undefined =>
  base64 === undefined || base64 === '' ? undefined : factsOf(new X509Certificate(Buffer.from(base64, 'base64')));

/**
 * Envoy tells `Hash=…;Cert="…";URI=…;DNS=…`, an element a hop, of which the last is of who connected to it. The certificate itself says most; without it, the hash of its DER form and the names
 * that Envoy was told to add.
 */
function readEnvoys(text: string): PresentedCertificate | undefined {
  const pairs = elementsOf(text)?.at(-1) ?? [];
  const all = (name: string): string[] => pairs.flatMap(([key, value]) => (key === name && value !== '' ? [value] : []));
  const [certificate] = all('cert');
  if (certificate !== undefined) return certificateFromEscapedPem(certificate);
  const [digest = ''] = all('hash');
  if (!/^[0-9a-f]{64}$/i.test(digest)) return undefined;
  const names = [...all('uri').map((name) => `URI:${name}`), ...all('dns').map((name) => `DNS:${name}`)];
  return { thumbprint: Buffer.from(digest, 'hex').toString('base64url'), names };
}

type Pair = readonly [key: string, value: string];

/**
 * The pairs of each element; undefined unless the whole text is made of them. A caller that leaves a quote open before an Envoy that appends would have what that one tells read as the rest of his
 * own element.
 */
function elementsOf(text: string): Pair[][] | undefined {
  const elements: Pair[][] = [];
  let before = ',';
  for (const [, key = '', value = '', after = ''] of text.matchAll(/\s*([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^",;]*)([,;]|$)/gy)) {
    if (before === ',') elements.push([]);
    elements.at(-1)?.push([key.toLowerCase(), unquoted(value.trim())]);
    before = after;
  }
  return before === '' ? elements : undefined;
}

const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text);
