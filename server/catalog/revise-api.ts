import type { api, Prisma } from '@stoa/generated/prisma/client.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { requireFreeNames, toColumns } from './publish.ts';
import type { Publication } from './publish.ts';
import { keepRevision } from './revisions.ts';
import { sealedCredentials } from './upstream-credentials.ts';

/** What the compiled document does not say of an API. */
export type Beside = {
  /** The `upstream_url` of the request; null where the document says it. */
  given_upstream_url: string | null;
  open_to_all_consumers?: boolean;
  /** Null takes the credentials away; without it, and without some in the publication, they stay. */
  upstream_auth?: null;
};

/** Makes the next revision of an API, but for its large columns, and keeps the one before. @throws ApiError 409 when a name is taken */
export async function reviseApi(
  tx: Prisma.TransactionClient,
  keys: KeyMaterial,
  { id, tenant_id: tenantId }: Pick<api, 'id' | 'tenant_id'>,
  publication: Publication,
  beside: Beside,
): Promise<Omit<api, 'document' | 'operations'>> {
  await requireFreeNames(tx, tenantId, id, publication);
  await keepRevision(tx, id);
  const { credentials } = publication;
  const now = new Date();
  const sealed = credentials ? { upstream_auth: sealedCredentials(keys, id, credentials) } : {};
  return tx.api.update({
    where: { id },
    data: { ...toColumns(publication), revision: { increment: 1 }, updated_at: now, revised_at: now, ...beside, ...sealed },
    omit: { document: true, operations: true },
  });
}
