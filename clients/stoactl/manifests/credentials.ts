import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { Api, ApiRequest, UpstreamAuthPlace } from '@stoa/generated/schemas.ts';
import type { ApiManifest, SecretSource } from './manifest.ts';

export type CredentialManifest = NonNullable<ApiManifest['spec']['upstream_auth']>[number];
type GivenCredential = Extract<NonNullable<ApiRequest['upstream_auth']>, readonly unknown[]>[number];
type Members = Readonly<Record<string, unknown>>;

/** The members of a credential that hold secrets. */
const secretMembers = ['password', 'client_secret', 'private_key', 'certificate', 'key'] as const;

/** The credentials of an API or an MCP server, as the manifest that would make them again: a secret that runtimes have by its name there, one that the server keeps by a name of it. */
export function credentialsIn({ name, upstream_auth_places: places = [] }: Pick<Api, 'name' | 'upstream_auth_places'>): CredentialManifest[] {
  return places.map((place) => (place.kind === undefined ? ofPlace(name, place) : ofKind(name, place.kind, place)));
}

function ofPlace(api: string, { scheme, in: place, name, settings }: UpstreamAuthPlace): CredentialManifest {
  const where = scheme === undefined ? { in: place as 'header', name } : { scheme };
  const valueFrom = (settings?.['value'] as SecretSource | undefined) ?? { name: `${api}/${scheme ?? name}` };
  return { ...where, valueFrom };
}

function ofKind(api: string, kind: string, { scheme, settings = {} }: UpstreamAuthPlace): CredentialManifest {
  const kept = { basic: 'password', client_credentials: clientSecretOf(settings), token_exchange: clientSecretOf(settings) }[kind];
  const secrets = secretMembers
    .filter((member) => member in settings || member === kept)
    .map((member) => [member, { valueFrom: settings[member] ?? { name: `${api}/${member}` } }]);
  const entry = { kind, ...(scheme !== undefined && { scheme }), ...settings, ...(Object.fromEntries(secrets) as object) };
  return entry as unknown as CredentialManifest;
}

const clientSecretOf = ({ client_auth: method }: Members): (typeof secretMembers)[number] =>
  method === 'private_key_jwt' ? 'private_key' : 'client_secret';

/** Where the secrets of a credential are, by their members. */
export function sourcesOf(credential: CredentialManifest): [member: string, source: SecretSource][] {
  if ('valueFrom' in credential) return [['value', credential.valueFrom]];
  const members = credential as Members;
  return secretMembers.flatMap((member) => {
    const secret = members[member] as { valueFrom: SecretSource } | undefined;
    return secret === undefined ? [] : [[member, secret.valueFrom] as [string, SecretSource]];
  });
}

/** A credential as a request gives it, with its secrets by their members. */
export function withSecrets(credential: CredentialManifest, secrets: Members): GivenCredential {
  const { valueFrom: _source, ...members } = credential as Members;
  return { ...members, ...secrets } as unknown as GivenCredential;
}

/** Whether the server has a credential like this one already, whatever secrets of its own it keeps there. */
export function isKeptAmong(credential: CredentialManifest, kept: readonly UpstreamAuthPlace[]): boolean {
  if ('kind' in credential) {
    const wanted = comparable(credential);
    return kept.some((place) => place.kind !== undefined && comparable(ofKind('', place.kind, place)) === wanted);
  }
  const { scheme, in: where, name, valueFrom } = credential;
  const isThere = (place: UpstreamAuthPlace): boolean => (scheme === undefined ? place.in === where && place.name === name : place.scheme === scheme);
  const isSame = ({ settings }: UpstreamAuthPlace): boolean =>
    (settings?.['value'] as { runtime?: string } | undefined)?.runtime === valueFrom.runtime;
  return kept.some((place) => place.kind === undefined && isThere(place) && isSame(place));
}

/** All of it but for the names of what the server keeps. */
function comparable(credential: CredentialManifest): string {
  const members = { ...(credential as Members) };
  for (const [member, { runtime }] of sourcesOf(credential)) members[member] = runtime ?? null;
  return canonicalJson(members);
}
