import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:https';
import type { ConnectionOptions, SecureContextOptions, TlsOptions } from 'node:tls';
import { certificateHeaders } from './client-certificate.ts';
import type { Logger } from './log.ts';
import { setting } from './setting.ts';

/** Settings of every program that listens: part of `httpSettings`. */
export const tlsSettings = {
  tlsCertFile: setting.path({
    optional: true,
    check: (path) => readingFault(path, certificateOf),
    describe:
      'PEM file of the certificate to listen with, and of those between it and its authority. Set it together with STOA_TLS_KEY_FILE: this program ' +
      'then takes TLS 1.2 or newer, and nothing else. Both files are read again when they change.',
  }),
  tlsKeyFile: setting.path({
    optional: true,
    check: (path) => readingFault(path, keyOf),
    describe: 'PEM file of the private key of STOA_TLS_CERT_FILE, without a passphrase.',
  }),
};

/** Settings of programs whose clients may show certificates: spread them into their tables. */
export const clientCertificateSettings = {
  clientCaFile: setting.path({
    optional: true,
    check: (path) => readingFault(path, certificateOf),
    describe:
      'PEM file of the authorities of client certificates. With it, those who connect by TLS are asked for one: who shows none is known by other credentials. Needs STOA_TLS_CERT_FILE. Read at the start.',
  }),
  clientCertHeader: setting.string({
    optional: true,
    matches: {
      pattern: /^(?:x-forwarded-client-cert|client-cert|x-ssl-client-cert|ssl-client-cert|x-client-cert|x-forwarded-tls-client-cert)$/,
      says: `must be one of ${certificateHeaders.join(', ')}`,
    },
    describe:
      'Header in which the proxies of STOA_TRUSTED_PROXIES tell of the client certificate that they verified. They have to replace it, whatever their clients wrote there.',
  }),
};

export type ClientCertificateSettings = { readonly clientCaFile?: string | undefined; readonly clientCertHeader?: string | undefined };

/** A rule about them and those that they need: the sentence that says why they do not belong together. */
export function clientCertificateFault(
  settings: TlsSettings & ClientCertificateSettings & { readonly trustedProxies: readonly string[] },
): string | undefined {
  if (settings.clientCaFile !== undefined && settings.tlsCertFile === undefined)
    return 'STOA_CLIENT_CA_FILE has no effect without STOA_TLS_CERT_FILE: set that too, or remove it.';
  if (settings.clientCertHeader !== undefined && settings.trustedProxies.length === 0)
    return 'STOA_CLIENT_CERT_HEADER has no effect without STOA_TRUSTED_PROXIES: name the proxies that set it, or remove it.';
  return undefined;
}

/** What has clients asked for certificates. Who shows one that no authority vouches for is nobody's. */
export const askingForCertificates = ({ clientCaFile }: ClientCertificateSettings): TlsOptions =>
  clientCaFile === undefined ? {} : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: false };

export type TlsSettings = { readonly tlsCertFile?: string | undefined; readonly tlsKeyFile?: string | undefined };
type Pair = { readonly certFile: string; readonly keyFile: string };

/** A rule about both settings: the sentence that says why they do not belong together. */
export function tlsFault(settings: TlsSettings): string | undefined {
  const { tlsCertFile, tlsKeyFile } = settings;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    return `${tlsCertFile === undefined ? 'STOA_TLS_CERT_FILE' : 'STOA_TLS_KEY_FILE'} is missing: a certificate and its key are given together.`;
  }
  const pair = pairOf(settings);
  return pair === undefined ? undefined : mismatchOf(pair);
}

/** The files to listen with; undefined where plain HTTP is spoken. */
export function pairOf({ tlsCertFile, tlsKeyFile }: TlsSettings): Pair | undefined {
  return tlsCertFile === undefined || tlsKeyFile === undefined ? undefined : { certFile: tlsCertFile, keyFile: tlsKeyFile };
}

/** What node:tls makes a context of. Throws when a file cannot be read. */
export function contextOf({ certFile, keyFile }: Pair): SecureContextOptions {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' };
}

/** What trusts the certificate of `pair` and no other, by whatever name it is reached: for the program that asks itself. */
export function trustInOwn({ certFile }: Pair): ConnectionOptions {
  return { ca: readFileSync(certFile), allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}

/**
 * Takes a new certificate for the connections to come when its files have changed, until the server closes. Those that are open go on. Files that
 * do not fit together change nothing and are told: they may be on their way, and are looked at again when they change.
 * @param more what of the context its files do not say
 * @param everyMs asked for, not waited for: mounts of secrets in Kubernetes change without a notice that a file system would give
 */
export function followCertificate(server: Server, pair: Pair, log: Logger, everyMs = 5_000, more: SecureContextOptions = {}): void {
  let seen = stampOf(pair);
  const timer = setInterval(() => {
    const now = stampOf(pair);
    if (now === seen) return;
    seen = now;
    const fault = readingFault(pair.certFile, certificateOf) ?? readingFault(pair.keyFile, keyOf) ?? mismatchOf(pair);
    if (fault !== undefined)
      return log.warn({ fault }, 'The files of the TLS certificate have changed and cannot be used: the one of before goes on.');
    server.setSecureContext({ ...contextOf(pair), ...more });
    log.info({ not_after: certificateOf(pair.certFile).validToDate.toISOString() }, 'New connections get the new TLS certificate.');
  }, everyMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

function stampOf({ certFile, keyFile }: Pair): string {
  return [certFile, keyFile].map((path) => stampOfFile(path)).join(' ');
}

function stampOfFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 'none' : `${found.ino}:${found.mtimeMs}:${found.size}`;
}

/** The first of a file is the one to listen with (RFC 8446 §4.4.2). */
const certificateOf = (path: string): X509Certificate => new X509Certificate(readFileSync(path));
const keyOf = (path: string): KeyObject => createPrivateKey(readFileSync(path));

function mismatchOf({ certFile, keyFile }: Pair): string | undefined {
  return certificateOf(certFile).checkPrivateKey(keyOf(keyFile))
    ? undefined
    : `STOA_TLS_KEY_FILE names ${keyFile}, which is not the key of the certificate in ${certFile}.`;
}

function readingFault(path: string, read: (path: string) => unknown): string | undefined {
  try {
    read(path);
    return undefined;
  } catch (error) {
    return `names ${path}, which cannot be used (${(error as NodeJS.ErrnoException).code ?? 'not in PEM'}): correct the path or the file`;
  }
}
