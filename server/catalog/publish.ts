import { Prisma } from '@stoa/generated/prisma/client.ts';
import type { AnyUpstreamCredential, ApiLifecycle, ApiRequest, ApiUpload, Labels, OperationFilter } from '@stoa/generated/schemas.ts';
import { ApiError, conflict, invalid } from '../errors.ts';
import type { CompiledSource } from './compile/compile-source.ts';
import { DocumentError } from './compile/document-error.ts';
import { componentFaults } from '../http/request-faults.ts';
import { documentWorkers } from './document-workers.ts';
import { present } from '../operations/wire.ts';
import { lifecycleGiven } from './lifecycle.ts';
import { requireStorableText } from './storable-text.ts';
import { isOfKind } from './credential-kinds.ts';
import { givenTargets, keptTargets, placedCredentials } from './upstream-credentials.ts';

/** `credentials` only when the request brings some: those of the API stay otherwise. */
export type Publication = CompiledSource & { credentials: readonly AnyUpstreamCredential[] | undefined; filter: OperationFilter | undefined };
/** What is no part of a revision, as far as a request says it. */
export type Unrevised = { open_to_all_consumers?: boolean; labels?: Labels; team?: string | null; lifecycle?: ApiLifecycle | typeof Prisma.DbNull };
/** What an update keeps of the API unless the request says otherwise. */
export type Current = { name: string; credentials: readonly AnyUpstreamCredential[]; filter: OperationFilter | undefined };

/** Tool names begin with the API's name, of which at most this much survives when they are cut. */
const toolPrefixLength = 55;

/**
 * What a request to define an API makes of its document.
 * @param document the document in UTF-8; it is handed over to a worker
 * @param current the API that the request replaces
 * @throws ApiError 422 that says what is wrong with the document and what to do
 */
export async function publicationOf(
  body: ApiRequest | ApiUpload,
  document: Uint8Array<ArrayBuffer> | undefined,
  current?: Current,
): Promise<Publication> {
  if (document === undefined) throw invalid([{ pointer: '/body/document', message: 'is required' }]);
  const { upstream_auth: given }: Pick<ApiRequest, 'upstream_auth'> = 'upstream_auth' in body ? body : {};
  const filter = filterOf(body) ?? current?.filter;
  try {
    const { upstream_url: upstreamUrl, name = current?.name } = body;
    const credentials = given === undefined ? keptTargets(current?.credentials ?? []) : givenTargets(given);
    const source = await documentWorkers.compile({ document, name, upstreamUrl, credentials, filter });
    const placed = given === undefined ? undefined : placedCredentials(given, source.credentialPlaces);
    requireEncrypted(placed ?? current?.credentials ?? [], source.upstreamUrl);
    return { ...source, credentials: placed, filter };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new ApiError(422, error.message, { code: error.code, errors: [{ pointer: `/body/${error.member}`, message: error.message }] });
  }
}

/** A certificate is shown by TLS alone. @throws ApiError 422 */
function requireEncrypted(credentials: readonly AnyUpstreamCredential[], upstreamUrl: string): void {
  const isShown = credentials.some((credential) => isOfKind(credential) && credential.kind === 'client_certificate');
  if (!isShown || upstreamUrl.startsWith('https:')) return;
  const message = 'A client_certificate is shown to upstreams of https alone: give an upstream_url that begins with https://.';
  throw new ApiError(422, message, { code: 'upstream_auth_invalid', errors: [{ pointer: '/body/upstream_auth', message }] });
}

/** The filter of a request. An upload says it as text. */
function filterOf({ operations }: ApiRequest | ApiUpload): OperationFilter | undefined {
  return typeof operations === 'string' ? fromText<OperationFilter>('operations', 'OperationFilter', operations) : operations;
}

/** The value of a field that an upload says as JSON text. @throws ApiError 400 when it is not as the contract says */
function fromText<T>(field: string, schema: Parameters<typeof componentFaults>[0], text: string): T {
  const pointer = `/body/${field}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid([{ pointer, message: `is no JSON: ${(error as Error).message}` }]);
  }
  const faults = componentFaults(schema, value, pointer);
  if (faults.length > 0) throw invalid(faults);
  requireStorableText({ [field]: value });
  return value as T;
}

/** The columns that a publication fills, but for the large ones. */
export function toColumns({ name, title, version, description, upstreamUrl, losses, warnings, listBytes, filter }: Publication) {
  return {
    name,
    title,
    version,
    description: description ?? null,
    upstream_url: upstreamUrl,
    loss_report: losses as unknown as Prisma.InputJsonArray,
    operations_filter: (filter as Prisma.InputJsonObject | undefined) ?? Prisma.DbNull,
    list_bytes: listBytes,
    warnings,
  };
}

/** What the request says of the API that is no part of a revision. The fields of an upload are texts. */
export function unrevisedOf({ open_to_all_consumers: open, labels, lifecycle }: ApiRequest | ApiUpload): Unrevised {
  return present({
    open_to_all_consumers: open === undefined ? undefined : String(open) === 'true',
    labels: typeof labels === 'string' ? fromText<Labels>('labels', 'Labels', labels) : labels,
    lifecycle: lifecycleGiven(typeof lifecycle === 'string' ? fromText<ApiLifecycle | null>('lifecycle', 'LifecycleRequest', lifecycle) : lifecycle),
  });
}

/**
 * Refuses names that another API of the tenant has: its own, and those of its tools. Names of APIs hold no underscore, so only tools
 * whose names were cut can meet; the others need not be looked at.
 * @throws ApiError 409
 */
export async function requireFreeNames(
  tx: Prisma.TransactionClient,
  tenantId: string,
  apiId: string,
  { name, toolNames }: Publication,
): Promise<void> {
  const namesake = await tx.api.findFirst({ where: { tenant_id: tenantId, name, id: { not: apiId } }, select: { id: true } });
  if (namesake) throw conflict(`There is an API named ${name} already. Update that one, or give this one another name.`, 'name_taken');
  const prefixed = await tx.mcp_server.findFirst({
    where: { tenant_id: tenantId, prefix: { equals: `${name}_`, mode: 'insensitive' } },
    select: { name: true },
  });
  if (prefixed)
    throw conflict(
      `The MCP server ${prefixed.name} has the prefix ${name}_, with which the tools of this API begin. Give the API another name.`,
      'name_is_a_prefix',
    );
  const [taken] = await tx.$queryRaw<{ api: string; tool: string }[]>`
    SELECT a.name AS api, o->'tool'->>'name' AS tool FROM api a, jsonb_array_elements(a.operations) o
    WHERE a.tenant_id = ${tenantId}::uuid AND a.id <> ${apiId}::uuid
      AND left(a.name, ${toolPrefixLength}::int) = left(${name}, ${toolPrefixLength}::int) AND o->'tool'->>'name' = ANY(${toolNames})
    LIMIT 1`;
  if (taken) throw conflict(`The API ${taken.api} has a tool named ${taken.tool} already. Give this API another name.`, 'tool_name_taken');
}
