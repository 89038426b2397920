import { readFileSync } from 'node:fs';
import tls from 'node:tls';

/** The certificates of a PEM file, each with its frame. */
export function certificatesOf(path: string): string[] {
  return readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** Trusts what STOA_CA_FILE holds, in the whole process: node:https and pg take the default of node:tls. */
export function trustAuthorities(caFile: string | undefined): void {
  if (caFile === undefined) return;
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...certificatesOf(caFile)]);
}
