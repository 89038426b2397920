import type { Pool } from 'pg';

/** Left by a process that was killed between the two steps. */
const forgetAfter = '1 hour';
/** Of a parameter this thread makes several copies, and does nothing else until they are made: one of 30 MB takes 50 ms. */
const maxPartBytes = 1024 * 1024;

type Upload = { id: string; tenantId: string; document: Uint8Array; operations: Uint8Array };

/** Brings the large columns of an API to the database, in parts. By its own pool, for a parameter of Prisma's is copied more often still. */
export async function upload({ pool }: { pool: Pool }, { id, tenantId, document, operations }: Upload): Promise<void> {
  await pool.query(`DELETE FROM document_upload WHERE created_at < now() - interval '${forgetAfter}'`);
  const parts = Math.ceil(Math.max(document.byteLength, operations.byteLength) / maxPartBytes);
  for (let part = 0; part < parts; part += 1) {
    const [ofDocument, ofOperations] = [document, operations].map((bytes) => bytes.subarray(part * maxPartBytes, (part + 1) * maxPartBytes));
    await pool.query('INSERT INTO document_upload (id, tenant_id, part, document, operations) VALUES ($1, $2, $3, $4, $5)', [
      id,
      tenantId,
      part,
      ofDocument,
      ofOperations,
    ]);
  }
}

export async function forgetUpload({ pool }: { pool: Pool }, id: string): Promise<void> {
  await pool.query('DELETE FROM document_upload WHERE id = $1', [id]);
}
