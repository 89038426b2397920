import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { ApiRequest, ApiUpload, UpstreamCredential } from '@stoa/generated/schemas.ts';
import { ApiError, conflict } from '../errors.ts';
import type { CompiledSource } from './compile/compile-source.ts';
import { DocumentError } from './compile/document-error.ts';
import { compileAside } from './compile-aside.ts';
import { givenCredentials, placedCredentials } from './upstream-credentials.ts';

/** `credentials` only when the request brings some: those of the API stay otherwise. */
export type Publication = CompiledSource & { credentials: readonly UpstreamCredential[] | undefined };

/** Tool names begin with the API's name, of which at most this much survives when they are cut. */
const toolPrefixLength = 55;

/**
 * What a request to define an API makes of its document.
 * @param current the API that the request replaces
 * @throws ApiError 422 that says what is wrong with the document and what to do
 */
export async function publicationOf(
  body: ApiRequest | ApiUpload,
  current?: { name: string; credentials: readonly UpstreamCredential[] },
): Promise<Publication> {
  const given = 'upstream_auth' in body ? body.upstream_auth : undefined;
  try {
    const { document, upstream_url: upstreamUrl, name = current?.name } = body;
    const known = given === undefined ? (current?.credentials ?? []) : givenCredentials(given);
    const credentials = known.map(({ scheme, in: place, name: called }) => ({ scheme, in: place, name: called }));
    const source = await compileAside({ document, name, upstreamUrl, credentials });
    return { ...source, credentials: given === undefined ? undefined : placedCredentials(given, source.compiled.credentials) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new ApiError(422, error.message, { code: error.code, errors: [{ pointer: `/body/${error.member}`, message: error.message }] });
  }
}

/** The columns that a publication fills. */
export function toColumns({ name, document, compiled }: Publication) {
  return {
    name,
    title: compiled.title,
    version: compiled.version,
    description: compiled.description ?? null,
    upstream_url: compiled.upstreamUrl,
    // Parsed from JSON or YAML, or compiled from what was.
    document: document as Prisma.InputJsonObject,
    operations: compiled.operations as unknown as Prisma.InputJsonArray,
    loss_report: compiled.losses as unknown as Prisma.InputJsonArray,
  };
}

/** Whether the request opens the API to all consumers; undefined when it does not say. The fields of an upload are texts. */
export function isOpen({ open_to_all_consumers: open }: ApiRequest | ApiUpload): boolean | undefined {
  return open === undefined ? undefined : String(open) === 'true';
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
  { name, compiled }: Publication,
): Promise<void> {
  const namesake = await tx.api.findFirst({ where: { tenant_id: tenantId, name, id: { not: apiId } }, select: { id: true } });
  if (namesake) throw conflict(`There is an API named ${name} already. Update that one, or give this one another name.`, 'name_taken');
  const toolNames = compiled.operations.map((operation) => operation.tool.name);
  const [taken] = await tx.$queryRaw<{ api: string; tool: string }[]>`
    SELECT a.name AS api, o->'tool'->>'name' AS tool FROM api a, jsonb_array_elements(a.operations) o
    WHERE a.tenant_id = ${tenantId}::uuid AND a.id <> ${apiId}::uuid
      AND left(a.name, ${toolPrefixLength}::int) = left(${name}, ${toolPrefixLength}::int) AND o->'tool'->>'name' = ANY(${toolNames})
    LIMIT 1`;
  if (taken) throw conflict(`The API ${taken.api} has a tool named ${taken.tool} already. Give this API another name.`, 'tool_name_taken');
}
