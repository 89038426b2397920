import type { ApiRequest, Upstream, UpstreamAuth, UpstreamCredential } from '@stoa/generated/schemas.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { ApiError } from '../errors.ts';
import type { CredentialPlace, CredentialTarget } from './compile/security.ts';
import { framingFields, headerValue } from './header-fields.ts';

type Given = NonNullable<ApiRequest['upstream_auth']>;
/** A credential as it was given: its place is known once the document is read. */
export type GivenCredential = CredentialTarget & { value: string };

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

/** The credentials of a request, one object being a list of one. */
export function givenCredentials(given: Given): GivenCredential[] {
  const list = Array.isArray(given) ? given : [given];
  return list.map((entry) => ('header' in entry ? { in: 'header', name: entry.header, value: entry.value } : entry));
}

/**
 * The credentials with what is sent in their places.
 * @throws ApiError 422 that points at every one that cannot be sent
 */
export function placedCredentials(given: Given, places: readonly CredentialPlace[]): UpstreamCredential[] {
  const pointerTo = (index: number, member: string) => `/body/upstream_auth${Array.isArray(given) ? `/${index}` : ''}/${member}`;
  const placed = givenCredentials(given).map(({ value }, index) => {
    const { auth, ...place } = places[index] ?? { in: 'header' as const, name: '' };
    return { ...place, value: auth === undefined ? value : withScheme(auth, value) };
  });
  const errors = placed.flatMap(({ in: place, name, value }, index) => {
    const entry = Array.isArray(given) ? given[index] : given;
    const nameMember = entry !== undefined && 'header' in entry ? 'header' : 'name';
    const [pattern, fault] = sendable[place];
    return [
      ...(place === 'header' && ofTheConnection.has(name.toLowerCase())
        ? [{ pointer: pointerTo(index, nameMember), message: `${name} belongs to the connection and cannot carry a credential` }]
        : []),
      ...(place !== 'query' && !token.test(name) ? [{ pointer: pointerTo(index, nameMember), message: `is no name of a ${place}` }] : []),
      ...(pattern.test(value) && value.isWellFormed() ? [] : [{ pointer: pointerTo(index, 'value'), message: fault }]),
    ];
  });
  if (errors.length > 0) throw new ApiError(422, 'The credential for the upstream cannot be sent.', { errors });
  return placed;
}

/** RFC 7617 and RFC 6750; a value that names the scheme itself stays as it is. */
function withScheme(auth: string, value: string): string {
  if (value.toLowerCase().startsWith(`${auth.toLowerCase()} `)) return value;
  return `${auth} ${auth === 'Basic' && value.includes(':') ? Buffer.from(value, 'utf8').toString('base64') : value}`;
}

type Of = { readonly id: string; readonly tenant_id: string };

export async function sealedCredentials(keys: KeyMaterial, api: Of, credentials: readonly UpstreamCredential[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await keys.seal(JSON.stringify(credentials), placeOf(api), api.tenant_id));
}

/** What was sealed for an API. Before there were lists, it was one header. */
export async function openedCredentials(keys: KeyMaterial, api: Of, sealed: Uint8Array | null): Promise<UpstreamCredential[]> {
  if (sealed === null) return [];
  const stored = JSON.parse(await keys.open(sealed, placeOf(api), api.tenant_id)) as UpstreamAuth | UpstreamCredential[];
  return Array.isArray(stored) ? stored : [{ in: 'header', name: stored.header, value: stored.value }];
}

/** The same for all revisions of an API. */
const placeOf = ({ id }: Of): string => `upstream_auth:${id}`;

/** Runtimes that know of one header only get the first; what that says already is not said twice. */
export function toUpstream(url: string, credentials: readonly UpstreamCredential[]): Upstream {
  const header = credentials.find((credential) => credential.in === 'header');
  const isAll = credentials.length === 0 || (credentials.length === 1 && header !== undefined && header.scheme === undefined);
  return {
    url,
    ...(header === undefined ? {} : { auth: { header: header.name, value: header.value } }),
    ...(isAll ? {} : { credentials: [...credentials] }),
  };
}
