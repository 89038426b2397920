import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { ApiRequest, ApiUpload, UpstreamAuth } from '@stoa/generated/schemas.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { ApiError, conflict } from '../errors.ts';
import type { CompiledSource } from './compile/compile-source.ts';
import { DocumentError } from './compile/document-error.ts';
import { compileAside } from './compile-aside.ts';
import { framingFields, headerValue } from './header-fields.ts';

export type Publication = CompiledSource & { upstreamAuth: UpstreamAuth | undefined };

/** Tool names begin with the API's name, of which at most this much survives when they are cut. */
const toolPrefixLength = 55;
const unsendable: ReadonlySet<string> = new Set([...framingFields, 'content-type']);

/**
 * What a request to define an API makes of its document.
 * @param current the API that the request replaces
 * @throws ApiError 422 that says what is wrong with the document and what to do
 */
export async function publicationOf(body: ApiRequest | ApiUpload, current?: { name: string; hasUpstreamAuth: boolean }): Promise<Publication> {
  const upstreamAuth = 'upstream_auth' in body ? body.upstream_auth : undefined;
  if (upstreamAuth) checkUpstreamAuth(upstreamAuth);
  try {
    const { document, upstream_url: upstreamUrl, name = current?.name } = body;
    const hasUpstreamAuth = upstreamAuth !== undefined || current?.hasUpstreamAuth === true;
    return { ...(await compileAside({ document, name, upstreamUrl, hasUpstreamAuth })), upstreamAuth };
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

export function sealedUpstreamAuth(keys: KeyMaterial, apiId: string, { header, value }: UpstreamAuth): Uint8Array<ArrayBuffer> {
  return new Uint8Array(keys.seal(JSON.stringify({ header, value }), `upstream_auth:${apiId}`));
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

function checkUpstreamAuth({ header, value }: UpstreamAuth): void {
  const errors = [
    ...(unsendable.has(header.toLowerCase())
      ? [{ pointer: '/body/upstream_auth/header', message: `${header} belongs to the connection and cannot carry a credential` }]
      : []),
    ...(headerValue.test(value)
      ? []
      : [{ pointer: '/body/upstream_auth/value', message: 'must not hold line breaks, control characters or characters beyond ISO 8859-1' }]),
  ];
  if (errors.length > 0) throw new ApiError(422, 'The credential for the upstream cannot be sent.', { errors });
}
