import type { ApiOperation } from '@stoa/generated/schemas.ts';
import type { PlacedCredential } from '../../model.ts';

/**
 * The credentials that one operation gets: those without a scheme, and those of the first of its alternatives that can be met whole, else
 * of the one that can be met best. An operation of which the document says nothing gets all. No place is filled twice.
 */
export function credentialsFor(all: readonly PlacedCredential[], security: ApiOperation['security']): readonly PlacedCredential[] {
  const demanded = security === undefined ? undefined : new Set(bestAlternative(all, security));
  const chosen = new Map<string, PlacedCredential>();
  for (const credential of all) {
    if (credential.scheme !== undefined && demanded !== undefined && !demanded.has(credential.scheme)) continue;
    const place = placeOf(credential);
    if (!chosen.has(place)) chosen.set(place, credential);
  }
  return [...chosen.values()];
}

/** Those that are the same in every request, in one place of it. */
export const sentIn = (credentials: readonly PlacedCredential[], place: PlacedCredential['in']): { name: string; value: string }[] =>
  credentials.flatMap(({ in: own, name, value }) => (own === place && value !== undefined ? [{ name, value }] : []));

/** The headers of those that are made for each request, in lower case: nothing else may stand there. */
export const provenHeaders = (credentials: readonly PlacedCredential[]): string[] => credentials.flatMap(({ proof }) => proof?.header ?? []);

/** Names of headers are the same in any case (RFC 9110 §5.1). */
export function placeOf({ in: place, name }: { in: string; name: string }): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}

function bestAlternative(all: readonly PlacedCredential[], security: readonly (readonly string[])[]): readonly string[] {
  const schemes = new Set(all.map(({ scheme }) => scheme));
  const met = (alternative: readonly string[]): number => alternative.filter((scheme) => schemes.has(scheme)).length;
  const whole = security.find((alternative) => alternative.length > 0 && met(alternative) === alternative.length);
  return whole ?? security.toSorted((a, b) => met(b) - met(a))[0] ?? [];
}
