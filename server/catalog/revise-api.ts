import { Prisma } from '@stoa/generated/prisma/client.ts';
import type { api } from '@stoa/generated/prisma/client.ts';
import type { Maker } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { requireVersionFits } from './lifecycle.ts';
import { sameLargeColumns } from './large-columns.ts';
import { requireFreeNames, toColumns } from './publish.ts';
import type { Publication, Unrevised } from './publish.ts';
import { requireNamedEndpoints, requireTokensToExchange } from './require-tokens.ts';
import { keepRevision } from './revisions.ts';
import { openedCredentials, sealedCredentials } from './upstream-credentials.ts';

export type ApiRow = Omit<api, 'document' | 'operations'>;

/** What the compiled document does not say of an API. */
export type Beside = {
  /** The `upstream_url` of the request; null where the document says it. */
  given_upstream_url: string | null;
  unrevised?: Unrevised;
  /** Who does it. */
  updated_by: Maker;
  /** Null takes the credentials away; without it, and without some in the publication, they stay. */
  upstream_auth?: null;
};

/**
 * Makes the next revision of an API, but for its large columns, and keeps the one before. What changes nothing makes none.
 * @param uploadId the large columns of the publication
 * @throws ApiError 409 when a name is taken, 422 when its upstream wants what no caller brings
 */
export async function reviseApi(
  tx: Prisma.TransactionClient,
  keys: KeyMaterial,
  before: ApiRow,
  publication: Publication,
  beside: Beside,
  uploadId: string,
): Promise<{ row: ApiRow; isRevised: boolean }> {
  const { id, tenant_id: tenantId } = before;
  await requireFreeNames(tx, tenantId, id, publication);
  const { unrevised = {}, ...revised } = beside;
  if (await changesNothing(tx, keys, before, publication, beside, uploadId))
    return { row: await editUnrevised(tx, before, unrevised, beside.updated_by), isRevised: false };
  await keepRevision(tx, id);
  const { credentials } = publication;
  const now = new Date();
  const sealed = credentials ? { upstream_auth: await sealedCredentials(keys, before, credentials) } : {};
  const row = await tx.api.update({
    where: { id },
    data: { ...toColumns(publication), revision: { increment: 1 }, updated_at: now, revised_at: now, ...revised, ...unrevised, ...sealed },
    omit: { document: true, operations: true },
  });
  await requireVersionFits(tx, row);
  await requireNamedEndpoints(tx, tenantId, await openedCredentials(keys, row, row.upstream_auth));
  await requireTokensToExchange(tx, keys, { tenantId, apiIds: [id] }, '/body/upstream_auth');
  return { row, isRevised: true };
}

/** Changes of an API what is no part of a revision, such as who may call it. */
export async function editUnrevised(tx: Prisma.TransactionClient, before: ApiRow, unrevised: Unrevised, by: Maker): Promise<ApiRow> {
  const { open_to_all_consumers, labels, lifecycle, team } = before;
  const present = { open_to_all_consumers, labels, lifecycle, team };
  const wanted = { ...present, ...unrevised };
  const said = wanted.lifecycle === Prisma.DbNull ? null : wanted.lifecycle;
  if (canonicalJson({ ...wanted, lifecycle: said }) === canonicalJson(present)) return before;
  const row = await tx.api.update({
    where: { id: before.id },
    data: { ...unrevised, updated_at: new Date(), updated_by: by },
    omit: { document: true, operations: true },
  });
  await requireVersionFits(tx, row);
  return row;
}

/**
 * Whether an API is already what it would become. An address that the document says as well as the request changes something only where
 * operations have servers of their own.
 */
async function changesNothing(
  tx: Prisma.TransactionClient,
  keys: KeyMaterial,
  before: ApiRow,
  { name, upstreamUrl, filter, credentials }: Publication,
  beside: Beside,
  uploadId: string,
): Promise<boolean> {
  const kept = await openedCredentials(keys, before, before.upstream_auth);
  const wanted = beside.upstream_auth === null ? [] : (credentials ?? kept);
  const isSame =
    name === before.name &&
    upstreamUrl === before.upstream_url &&
    canonicalJson(filter ?? null) === canonicalJson(before.operations_filter) &&
    canonicalJson(wanted) === canonicalJson(kept);
  if (!isSame) return false;
  const same = await sameLargeColumns(tx, before.id, uploadId);
  return same.document && (same.operations || beside.given_upstream_url === before.given_upstream_url);
}
