import type { ApiOperation, Loss } from '@stoa/generated/schemas.ts';
import { DocumentError } from './document-error.ts';
import { isObject, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { dereference } from './references.ts';

type Place = { in: 'header' | 'query' | 'cookie'; name: string };
/** Where a credential for the upstream is to go: to the place of a security scheme, or to a place of its own. */
export type CredentialTarget = { scheme?: string | undefined; in?: Place['in'] | undefined; name?: string | undefined };
/** `auth`: the HTTP authentication scheme that the value is written with, such as `Bearer`. */
export type CredentialPlace = Place & { scheme?: string; auth?: string };

const places: readonly Place['in'][] = ['header', 'query', 'cookie'];
const maxAlternatives = 64;
const maxTogether = 16;

/** The parameters that carry credentials, as `header x-api-key` or `query api_key`: no argument of a tool. */
export function credentialParameters(document: JsonObject, credentials: readonly CredentialPlace[]): Set<string> {
  const schemes = [...schemePlaces(document).values()].filter((place) => place !== undefined);
  return new Set([...schemes, ...credentials].map(keyOf));
}

/**
 * Where each credential goes. One without a scheme is named by the scheme whose place it fills, where that is one alone: of several bearer
 * tokens nobody can say which it is, and it goes with every operation.
 * @throws DocumentError that names the schemes of the document when one is not among them, or has no place in a request
 */
export function credentialPlaces(document: JsonObject, targets: readonly CredentialTarget[]): CredentialPlace[] {
  const schemes = schemePlaces(document);
  return targets.map(({ scheme, in: place, name }) => {
    if (place !== undefined && name !== undefined) {
      const [alone, another] = schemesAt(schemes, { in: place, name });
      const known = scheme ?? (another === undefined ? alone : undefined);
      return { in: place, name, ...(known === undefined ? {} : { scheme: known }) };
    }
    if (scheme === undefined) throw refusal('A credential needs the name of a security scheme of the document as scheme, or a place as in and name');
    const found = schemes.get(scheme);
    if (found !== undefined) return { ...found, scheme };
    const names = [...schemes].filter(([, each]) => each !== undefined).map(([each]) => each);
    const known = names.length === 0 ? 'it has none; give in and name' : `it has ${names.slice(0, 20).join(', ')}`;
    throw refusal(`The document has no security scheme ${scheme.slice(0, 100)} that a request can carry: ${known}`);
  });
}

function schemesAt(schemes: ReturnType<typeof schemePlaces>, place: Place): string[] {
  return [...schemes].filter(([, each]) => each !== undefined && keyOf(each) === keyOf(place)).map(([name]) => name);
}

function refusal(what: string): DocumentError {
  return new DocumentError('upstream_auth_invalid', `${what}.`, 'upstream_auth');
}

/** The schemes that an operation demands, alternative by alternative; undefined where neither it nor the document says anything. */
export function securityOf(document: JsonObject, operation: JsonObject): ApiOperation['security'] {
  const security = operation['security'] ?? document['security'];
  if (!Array.isArray(security)) return undefined;
  return security
    .filter(isObject)
    .slice(0, maxAlternatives)
    .map((alternative) =>
      Object.keys(alternative)
        .map((name) => name.slice(0, 128))
        .slice(0, maxTogether),
    );
}

/** What the API demands of its callers and a gateway can only meet with credentials of its own. */
export function securityLoss(document: JsonObject, operations: readonly JsonObject[], credentials: readonly CredentialPlace[]): Loss[] {
  const guarded = operations
    .map((operation) => securityOf(document, operation) ?? [])
    .filter((alternatives) => alternatives.length > 0 && alternatives.every((schemes) => schemes.length > 0));
  if (guarded.length === 0) return [];
  const schemes = schemePlaces(document);
  const known = new Set(credentials.flatMap((credential) => credential.scheme ?? schemesAt(schemes, credential)));
  const unmet = guarded.filter((alternatives) => !alternatives.some((schemes) => schemes.every((scheme) => known.has(scheme))));
  const demanding = (list: typeof guarded) => (list.length === 1 ? '1 operation demands' : `${list.length} operations demand`);
  if (unmet.length === 0) {
    const what = `${demanding(guarded)} credentials (${namesIn(guarded)}); callers' own are never passed on: those in upstream_auth are sent for every caller.`;
    return [{ where: 'security', what, dropped: false }];
  }
  const missing = [...new Set(unmet.flatMap((alternatives) => alternatives[0] ?? []))].filter((scheme) => !known.has(scheme));
  const told = missing.slice(0, 20).map((scheme) => `${scheme.slice(0, 64)} (${describe(schemes.get(scheme))})`);
  const remedy = `needs upstream credential: set upstream_auth to a list that holds {"scheme": …, "value": …} for ${told.join(', ')}`;
  const what = `${demanding(unmet)} credentials (${namesIn(unmet)}); callers' own are never passed on: ${remedy}.`;
  return [{ where: 'security', what, dropped: false }];
}

function namesIn(list: readonly (readonly (readonly string[])[])[]): string {
  const names = [...new Set(list.flat(2))].toSorted();
  return names
    .map((name) => name.slice(0, 64))
    .slice(0, 20)
    .join(', ');
}

function describe(place: CredentialPlace | undefined): string {
  if (place === undefined) return 'which no request can carry';
  return place.auth === undefined ? `in the ${place.in} ${place.name}` : `HTTP ${place.auth}`;
}

/** The place of each security scheme; undefined for one that a request cannot carry, such as mutual TLS. */
function schemePlaces(document: JsonObject): Map<string, CredentialPlace | undefined> {
  const schemes = objectMember(objectMember(document, 'components') ?? {}, 'securitySchemes') ?? {};
  return new Map(
    Object.entries(schemes).map(([name, entry]) => {
      const found = dereference(document, entry);
      return [name, found.found ? placeOfScheme(found.value) : undefined];
    }),
  );
}

function placeOfScheme(scheme: JsonObject): CredentialPlace | undefined {
  switch (scheme['type']) {
    case 'apiKey': {
      const place = places.find((each) => each === scheme['in']);
      const name = stringMember(scheme, 'name');
      return place === undefined || name === undefined ? undefined : { in: place, name };
    }
    case 'http': {
      const auth = stringMember(scheme, 'scheme') ?? 'Bearer';
      return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(auth)
        ? { in: 'header', name: 'Authorization', auth: auth[0]?.toUpperCase() + auth.slice(1) }
        : undefined;
    }
    case 'oauth2':
    case 'openIdConnect':
      return { in: 'header', name: 'Authorization', auth: 'Bearer' };
    default:
      return undefined;
  }
}

function keyOf({ in: place, name }: Place): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}
