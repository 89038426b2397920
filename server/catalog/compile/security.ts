import type { Loss } from '@stoa/generated/schemas.ts';
import { isObject, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { dereference } from './references.ts';

/** The parameters that carry credentials, as `header x-api-key` or `query api_key`: no argument of a tool. */
export function credentialParameters(document: JsonObject): Set<string> {
  const credentials = new Set<string>();
  for (const entry of Object.values(securitySchemes(document))) {
    const found = dereference(document, entry);
    if (!found.found || found.value['type'] !== 'apiKey') continue;
    const name = stringMember(found.value, 'name') ?? '';
    const place = stringMember(found.value, 'in') ?? '';
    credentials.add(`${place} ${place === 'header' ? name.toLowerCase() : name}`);
  }
  return credentials;
}

/** What the API demands of its callers and a gateway can only meet with a credential of its own. */
export function securityLoss(document: JsonObject, operations: readonly JsonObject[], hasUpstreamAuth: boolean): Loss[] {
  const demands = operations.map((operation) => demanded(operation['security'] ?? document['security']));
  const guarded = demands.filter((schemes) => schemes.length > 0);
  if (guarded.length === 0) return [];
  const schemes = [...new Set(guarded.flat())]
    .toSorted()
    .map((name) => name.slice(0, 64))
    .slice(0, 20)
    .join(', ');
  const count = guarded.length === 1 ? '1 operation demands' : `${guarded.length} operations demand`;
  const state = hasUpstreamAuth ? 'the credential in upstream_auth is sent for every caller.' : 'needs upstream credential: set upstream_auth.';
  return [{ where: 'security', what: `${count} credentials (${schemes}); callers' own are never passed on: ${state}`, dropped: false }];
}

/** The names of the schemes demanded; none when one alternative is to demand nothing. */
function demanded(security: unknown): string[] {
  if (!Array.isArray(security)) return [];
  const alternatives = security.filter(isObject).map((alternative) => Object.keys(alternative));
  return alternatives.some((names) => names.length === 0) ? [] : alternatives.flat();
}

function securitySchemes(document: JsonObject): JsonObject {
  return objectMember(objectMember(document, 'components') ?? {}, 'securitySchemes') ?? {};
}
