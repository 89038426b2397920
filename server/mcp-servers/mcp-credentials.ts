import type { mcp_server, Prisma } from '@stoa/generated/prisma/client.ts';
import type { AnyUpstreamCredential, McpServerRequest } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import type { CredentialPlace, CredentialTarget } from '../catalog/compile/security.ts';
import { isOfKind } from '../catalog/credential-kinds.ts';
import { requireAllowedEndpoints } from '../catalog/require-allowed-upstream.ts';
import { requireNamedEndpoints } from '../catalog/require-tokens.ts';
import { givenTargets, openedCredentials, placedCredentials, sealedCredentials } from '../catalog/upstream-credentials.ts';
import { unprocessable } from '../errors.ts';

const at = '/body/http/credentials';
type Row = Pick<mcp_server, 'id' | 'tenant_id' | 'url' | 'credentials'>;

/**
 * What proves the gateway, as a request gives it; undefined where it says nothing of it.
 * @throws ApiError 422 for what cannot be sent to an MCP server
 */
export async function givenCredentials(guard: UpstreamGuard, { http }: McpServerRequest): Promise<AnyUpstreamCredential[] | undefined> {
  if (http?.credentials === undefined) return undefined;
  const { credentials: given, url } = http;
  // Both with a place and without.
  const targets = givenTargets(given);
  const errors = given.flatMap((entry, index) => {
    const [target] = givenTargets([entry]);
    const message = target === undefined ? undefined : placeFault(target);
    return message === undefined ? [] : [{ pointer: `${at}/${index}`, message }];
  });
  if (errors.length > 0) throw unprocessable('The credential for the MCP server cannot be sent.', errors);
  const placed = placedCredentials(given, targets as CredentialPlace[], at);
  if (!url.startsWith('https:') && placed.some((credential) => isOfKind(credential) && credential.kind === 'client_certificate'))
    throw unprocessable('A client_certificate is shown by TLS alone.', [{ pointer: '/body/http/url', message: 'must begin with https://' }]);
  await requireAllowedEndpoints(guard, placed, at);
  return placed;
}

function placeFault({ scheme, in: place, name }: CredentialTarget): string | undefined {
  if (scheme !== undefined) return 'names a scheme, and an MCP server has no document that says what it is: say its place as in and name';
  if (place === undefined || name === undefined) return 'has no place: give in and name, or header';
  return place === 'header' ? undefined : 'must be in a header: what an MCP server is asked stands in the body alone';
}

type Kept = { readonly sealed: Uint8Array<ArrayBuffer> | null; readonly isSame: boolean };

/**
 * The sealed credentials to keep: those that are given, or the present ones where the server stays at its place. Else whoever may write here, and does not know
 * them, could have them sent to himself.
 * @throws ApiError 422 where they would be sent elsewhere, or to an endpoint that no trusted issuer names
 */
export async function credentialsToKeep(
  tx: Prisma.TransactionClient,
  keys: KeyMaterial,
  { id, tenantId }: { id: string; tenantId: string },
  { http }: McpServerRequest,
  given: readonly AnyUpstreamCredential[] | undefined,
  present?: Row,
): Promise<Kept> {
  const own = { id, tenant_id: tenantId };
  const kept = present?.credentials ?? null;
  if (given === undefined) {
    if (kept === null) return { sealed: null, isSame: true };
    if (http === undefined) return { sealed: null, isSame: false };
    if (originOf(present?.url) === originOf(http.url)) return { sealed: new Uint8Array(kept), isSame: true };
    throw unprocessable('The credentials would be sent elsewhere.', [
      { pointer: at, message: `is required, because the present ones are for ${originOf(present?.url)}; an empty list takes them away` },
    ]);
  }
  await requireNamedEndpoints(tx, tenantId, given, at);
  const before = present === undefined ? [] : await openedCredentials(keys, own, kept);
  if (canonicalJson(before) === canonicalJson(given)) return { sealed: kept === null ? null : new Uint8Array(kept), isSame: true };
  return { sealed: given.length === 0 ? null : await sealedCredentials(keys, own, given), isSame: false };
}

const originOf = (url: string | null | undefined): string => (url === null || url === undefined ? '' : new URL(url).origin);
