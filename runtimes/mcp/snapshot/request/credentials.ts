import type { ApiOperation, Upstream, UpstreamCredential } from '@stoa/generated/schemas.ts';

/** All credentials of an API; those of a Control Plane that knows of one only are a list of one. */
export function credentialsOf({ auth, credentials }: Upstream): readonly UpstreamCredential[] {
  return credentials ?? (auth === undefined ? [] : [{ in: 'header', name: auth.header, value: auth.value }]);
}

/**
 * The credentials that one operation gets: those without a scheme, and those of the first of its alternatives that can be met whole, else
 * of the one that can be met best. An operation of which the document says nothing gets all. No place is filled twice.
 */
export function credentialsFor(all: readonly UpstreamCredential[], security: ApiOperation['security']): readonly UpstreamCredential[] {
  const demanded = security === undefined ? undefined : new Set(bestAlternative(all, security));
  const chosen = new Map<string, UpstreamCredential>();
  for (const credential of all) {
    if (credential.scheme !== undefined && demanded !== undefined && !demanded.has(credential.scheme)) continue;
    const place = placeOf(credential);
    if (!chosen.has(place)) chosen.set(place, credential);
  }
  return [...chosen.values()];
}

/** Names of headers are the same in any case (RFC 9110 §5.1). */
export function placeOf({ in: place, name }: { in: string; name: string }): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}

function bestAlternative(all: readonly UpstreamCredential[], security: readonly (readonly string[])[]): readonly string[] {
  const schemes = new Set(all.map(({ scheme }) => scheme));
  const met = (alternative: readonly string[]): number => alternative.filter((scheme) => schemes.has(scheme)).length;
  const whole = security.find((alternative) => alternative.length > 0 && met(alternative) === alternative.length);
  return whole ?? security.toSorted((a, b) => met(b) - met(a))[0] ?? [];
}
