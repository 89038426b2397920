import type { AnyUpstreamCredential, ApiRequest, Upstream, UpstreamAuth, UpstreamCredential } from '@stoa/generated/schemas.ts';
import { withScheme } from '@stoa/lib/authorization-scheme.ts';
import { isGatewaysOwn } from '@stoa/lib/own-headers.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { ApiError } from '../errors.ts';
import type { CredentialPlace, CredentialTarget } from './compile/security.ts';
import { faultsOfKind, isOfKind, targetOf } from './credential-kinds.ts';
import type { CredentialFault, KindOfCredential } from './credential-kinds.ts';
import { framingFields, headerValue } from './header-fields.ts';

type Given = NonNullable<ApiRequest['upstream_auth']>;

// RFC 6265 §4.1.1: what the value of a cookie may hold.
const sendable: Record<UpstreamCredential['in'], readonly [pattern: RegExp, fault: string]> = {
  header: [headerValue, 'must not hold line breaks, control characters or characters beyond ISO 8859-1'],
  cookie: [
    /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/,
    'must not hold spaces, quotes, commas, semicolons or backslashes: it is sent in a cookie',
  ],
  query: [/^[^\0-\x1f\x7f]*$/, 'must not hold control characters'],
};
const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const ofTheConnection: ReadonlySet<string> = new Set([...framingFields, 'content-type', 'cookie']);

/** Where the credentials of a request are to go: known once the document is read. One object is a list of one; what goes with the connection is not among them. */
export const givenTargets = (given: Given): CredentialTarget[] => listOf(given).flatMap((entry) => targetIn(entry) ?? []);

/** The same of those that are kept. */
export const keptTargets = (kept: readonly AnyUpstreamCredential[]): CredentialTarget[] => kept.flatMap((credential) => targetIn(credential) ?? []);

const listOf = (given: Given) => (Array.isArray(given) ? given : [given]);

function targetIn(entry: ReturnType<typeof listOf>[number] | AnyUpstreamCredential): CredentialTarget | undefined {
  if (isOfKind(entry)) return targetOf(entry);
  return 'header' in entry ? { in: 'header', name: entry.header } : { scheme: entry.scheme, in: entry.in, name: entry.name };
}

/**
 * The credentials with what is sent in their places. `places` are those of the targets, one after the other.
 * @param at where of the request they stand
 * @throws ApiError 422 that points at every one that cannot be sent
 */
export function placedCredentials(given: Given, places: readonly CredentialPlace[], at = '/body/upstream_auth'): AnyUpstreamCredential[] {
  const pointerTo = (index: number, member: string) => `${at}${Array.isArray(given) ? `/${index}` : ''}/${member}`;
  const left = [...places];
  const errors: { pointer: string; message: string }[] = [];
  const placed = listOf(given).map((entry, index): AnyUpstreamCredential => {
    const place = targetIn(entry) === undefined ? undefined : left.shift();
    const [credential, faults] = isOfKind(entry) ? ofKind(entry, place) : sentAsItIs(entry, place);
    for (const { member, message } of faults) errors.push({ pointer: pointerTo(index, member), message });
    return credential;
  });
  const certificates = placed.filter((credential) => isOfKind(credential) && credential.kind === 'client_certificate');
  if (certificates.length > 1) errors.push({ pointer: at, message: 'holds more than one client_certificate' });
  if (errors.length > 0) throw new ApiError(422, 'The credential for the upstream cannot be sent.', { errors });
  return placed;
}

type Placed = readonly [credential: AnyUpstreamCredential, faults: CredentialFault[]];

function ofKind(entry: KindOfCredential, place: CredentialPlace | undefined): Placed {
  const faults = faultsOfKind(entry);
  if (place === undefined || entry.kind === 'assertion' || entry.kind === 'client_certificate') return [entry, faults];
  const fits = place.in === 'header' && (entry.kind !== 'basic' || place.name === 'Authorization');
  if (!fits) faults.push({ member: 'scheme', message: `is of the ${place.in} ${place.name}, which cannot carry this kind of credential` });
  const scheme = place.scheme === undefined ? {} : { scheme: place.scheme };
  if (entry.kind === 'basic') return [{ ...entry, ...scheme }, faults];
  return [{ ...entry, ...scheme, ...(place.name === 'Authorization' ? {} : { header: place.name }) }, faults];
}

function sentAsItIs(entry: Exclude<ReturnType<typeof listOf>[number], KindOfCredential>, found: CredentialPlace | undefined): Placed {
  const { auth, ...place } = found ?? { in: 'header' as const, name: '' };
  const { value: secret } = entry;
  const value = typeof secret !== 'string' || auth === undefined ? secret : withScheme(auth, secret);
  const credential = { ...place, ...(typeof secret !== 'string' && auth !== undefined && { auth }), value };
  const [pattern, fault] = sendable[place.in];
  const faults: CredentialFault[] = [];
  if (place.in === 'header' && ofTheConnection.has(place.name.toLowerCase()))
    faults.push({ member: 'header' in entry ? 'header' : 'name', message: `${place.name} belongs to the connection and cannot carry a credential` });
  if (place.in === 'header' && isGatewaysOwn(place.name))
    faults.push({
      member: 'header' in entry ? 'header' : 'name',
      message: `${place.name} is the gateway's own to say, and cannot carry a credential`,
    });
  if (place.in !== 'query' && !token.test(place.name))
    faults.push({ member: 'header' in entry ? 'header' : 'name', message: `is no name of a ${place.in}` });
  if (typeof value === 'string' && !(pattern.test(value) && value.isWellFormed())) faults.push({ member: 'value', message: fault });
  return [credential, faults];
}

type Of = { readonly id: string; readonly tenant_id: string };

export async function sealedCredentials(keys: KeyMaterial, api: Of, credentials: readonly AnyUpstreamCredential[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await keys.seal(JSON.stringify(credentials), placeOf(api), api.tenant_id));
}

/** What was sealed for an API. Before there were lists, it was one header. */
export async function openedCredentials(keys: KeyMaterial, api: Of, sealed: Uint8Array | null): Promise<AnyUpstreamCredential[]> {
  if (sealed === null) return [];
  const stored = JSON.parse(await keys.open(sealed, placeOf(api), api.tenant_id)) as UpstreamAuth | AnyUpstreamCredential[];
  return Array.isArray(stored) ? stored : [{ in: 'header', name: stored.header, value: stored.value }];
}

/** The same for all revisions of an API. */
const placeOf = ({ id }: Of): string => `upstream_auth:${id}`;

/** Runtimes that know of one header only get the first; what that says already is not said twice. */
export function toUpstream(url: string, credentials: readonly AnyUpstreamCredential[]): Upstream {
  const header = credentials.find(isPlainHeader);
  const isAll = credentials.length === 0 || (credentials.length === 1 && header !== undefined && header.scheme === undefined);
  return {
    url,
    ...(header === undefined ? {} : { auth: { header: header.name, value: header.value } }),
    ...(isAll ? {} : { credentials: [...credentials] }),
  };
}

type PlainHeader = UpstreamCredential & { readonly value: string };
const isPlainHeader = (credential: AnyUpstreamCredential): credential is PlainHeader =>
  !isOfKind(credential) && credential.in === 'header' && typeof credential.value === 'string';

/** Whether a runtime that does not know them would call the upstream without them, and think nothing of it. */
export const needsCurrentRuntime = (credentials: readonly AnyUpstreamCredential[]): boolean =>
  credentials.some((credential) => isOfKind(credential) || typeof credential.value !== 'string');
