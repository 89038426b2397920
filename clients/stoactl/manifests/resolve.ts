import { resolve as resolvePath } from 'node:path';
import type { ApiRequest, UpstreamAuthPlace } from '@stoa/generated/schemas.ts';
import { readText } from '@stoa/lib/read-text.ts';
import { fetchDocument, maxDocumentBytes } from '../documents.ts';
import type { Terminal } from '../terminal.ts';
import { isKeptAmong, sourcesOf, withSecrets } from './credentials.ts';
import type { CredentialManifest } from './credentials.ts';
import type { ApiManifest, SecretSource, Sourced } from './manifest.ts';

const maxSecretBytes = 64 * 1024;

/** The document of an API: itself, or read from where it is referred to. Throws with the end of a sentence. */
export async function documentOf({ manifest, folder }: Sourced & { manifest: ApiManifest }): Promise<ApiRequest['document']> {
  const { document } = manifest.spec;
  if (typeof document === 'string' || 'openapi' in document || 'swagger' in document) return document;
  if ('file' in document) return readText(resolvePath(folder, document.file), maxDocumentBytes);
  return fetchDocument(document.url);
}

export type Credentials = {
  /** What to send: undefined leaves what is kept as it is. */
  upstream_auth: Extract<NonNullable<ApiRequest['upstream_auth']>, readonly unknown[]> | undefined;
  /** Names of secrets that nobody has. */
  missing: string[];
};

/**
 * The secrets of an API or an MCP server. Those that are named are the server's: where it keeps one for each place, nothing is sent; else the names are told. Throws with the
 * end of a sentence when a variable or a file is not there.
 */
export async function credentialsOf(
  terminal: Terminal,
  folder: string,
  wanted: readonly CredentialManifest[] | undefined,
  kept: readonly UpstreamAuthPlace[],
): Promise<Credentials> {
  if (wanted === undefined) return { upstream_auth: undefined, missing: [] };
  const isNamed = (each: CredentialManifest): boolean => sourcesOf(each).some(([, source]) => source.name !== undefined);
  const isGiven = (each: CredentialManifest): boolean => sourcesOf(each).some(([, source]) => source.env !== undefined || source.file !== undefined);
  const isKept = (each: CredentialManifest): boolean => isKeptAmong(each, kept);
  const named = wanted.filter(isNamed);
  const isAll = named.length === wanted.length || kept.length === wanted.length;
  if (isAll && !wanted.some(isGiven) && wanted.every(isKept)) return { upstream_auth: undefined, missing: [] };
  if (named.some(isKept) && named.length < wanted.length)
    throw new Error('names secrets that the server keeps beside others that are given: give all of them, or none');
  const given = wanted.filter((each) => !isNamed(each));
  const values = await Promise.all(given.map((each) => revealed(terminal, folder, each)));
  const missing = named.flatMap((each) => sourcesOf(each).flatMap(([, source]) => source.name ?? []));
  return { upstream_auth: values.length === 0 ? undefined : values, missing };
}

/** What runtimes have stays with them. */
async function revealed(terminal: Terminal, folder: string, credential: CredentialManifest) {
  const secrets = sourcesOf(credential).map(async ([member, source]) => [
    member,
    source.runtime === undefined ? await secretOf(terminal, folder, source) : { runtime: source.runtime },
  ]);
  return withSecrets(credential, Object.fromEntries(await Promise.all(secrets)) as Record<string, unknown>);
}

/** Throws with the end of a sentence when a variable or a file is not there. */
export async function secretOf(terminal: Terminal, folder: string, { env, file }: SecretSource): Promise<string> {
  if (env !== undefined) {
    const value = terminal.env[env];
    if (value === undefined || value === '') throw new Error(`names the variable ${env}, which is not set`);
    return value;
  }
  const text = await readText(resolvePath(folder, file ?? ''), maxSecretBytes).catch((error: unknown) => {
    throw new Error(`names a file that cannot be read: ${(error as Error).message}`);
  });
  if (text.trim() === '') throw new Error(`names the file ${file}, which is empty`);
  return text.trim();
}
