import { signedText } from '@stoa/lib/audit-record.ts';
import type { Sql } from '../database/sql.ts';
import type { AuditKeys } from './audit-keys.ts';

/** Signs that a record has this hash, unless that was done before. A `cut` lets those up to it be deleted. */
export async function signCheckpoint(
  sql: Sql,
  { keyId, sign }: Pick<AuditKeys, 'keyId' | 'sign'>,
  tenantId: string,
  { seq, hash }: { seq: number; hash: string },
  cut = false,
): Promise<void> {
  const { rows } = await sql.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const at = (rows[0] as { now: Date }).now.toISOString();
  await sql.query(
    `INSERT INTO audit_checkpoint (tenant_id, seq, cut, hash, at, key_id, signature) VALUES ($1::uuid, $2::bigint, $3, $4, $5::timestamptz, $6, $7)
     ON CONFLICT DO NOTHING`,
    [tenantId, seq, cut, hash, at, keyId, sign(signedText({ tenant: tenantId, seq, hash, at, cut }))],
  );
}
