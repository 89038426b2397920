import { noHash, recordHash } from '@stoa/lib/audit-record.ts';
import type { AuditCore } from '@stoa/lib/audit-record.ts';
import type { Sql } from '../database/sql.ts';
import { prepare } from './entry.ts';
import type { Entry } from './entry.ts';

type Head = { seq: string | bigint; hash: string; at: Date };

const lockHead = 'SELECT seq, hash, clock_timestamp() AS at FROM audit_head WHERE tenant_id = $1::uuid FOR UPDATE';
const makeHead = `INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1::uuid, 0, '${noHash}')
  ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash, clock_timestamp() AS at`;

const columns = `seq bigint, at timestamptz, kind text, action text, outcome text, actor_kind text, actor_id text, token_id text, object_kind text, object_id text,
  object_name text, before jsonb, after jsonb, detail jsonb, request_id text, commitments jsonb, previous text, hash text`;
const insertRecords = `
  WITH recorded AS (INSERT INTO audit_record SELECT $1::uuid, r.* FROM jsonb_to_recordset($2::jsonb) AS r (${columns})),
  personal AS (
    INSERT INTO audit_personal (tenant_id, seq, field, subject, salt, value)
    SELECT $1::uuid, p.* FROM jsonb_to_recordset($3::jsonb) AS p (seq bigint, field text, subject text, salt text, value text))
  UPDATE audit_head SET seq = $4::bigint, hash = $5 WHERE tenant_id = $1::uuid RETURNING seq`;

async function headOf(sql: Sql, tenantId: string): Promise<Head | undefined> {
  const { rows: found } = await sql.query<Head>(lockHead, [tenantId]);
  const [head] = found.length > 0 ? found : (await sql.query<Head>(makeHead, [tenantId])).rows;
  return head;
}

/**
 * Adds records to the chain of a tenant, in the transaction that `sql` is in: what is undone there leaves none. From here on nobody else adds one until that
 * transaction ends; whoever locks the tenant's row as well, does that before.
 */
export async function append(sql: Sql, tenantId: string, entries: readonly Entry[]): Promise<void> {
  const prepared = entries.map(prepare);
  const head = await headOf(sql, tenantId);
  let last = { seq: Number(head?.seq), hash: head?.hash ?? noHash };
  const at = (head as Head).at.toISOString();
  const records: object[] = [];
  const personal: object[] = [];
  for (const { core: unplaced, personal: fields } of prepared) {
    const core: AuditCore = { ...unplaced, tenant: tenantId, seq: last.seq + 1, at, previous: last.hash };
    last = { seq: core.seq, hash: recordHash(core) };
    records.push(toColumns(core, last.hash));
    personal.push(...fields.map(({ value, ...row }) => ({ ...row, seq: core.seq, value: JSON.stringify(value) })));
  }
  await sql.query(insertRecords, [tenantId, JSON.stringify(records), JSON.stringify(personal), last.seq, last.hash]);
}

function toColumns({ actor, object, tenant: _tenant, ...core }: AuditCore, hash: string): object {
  return {
    ...core,
    actor_kind: actor.kind,
    actor_id: actor.id,
    token_id: actor.token_id,
    object_kind: object?.kind,
    object_id: object?.id,
    object_name: object?.name,
    hash,
  };
}

/** As `append`, in a transaction that is for no tenant otherwise. */
export async function appendFor(sql: Sql, tenantId: string, entries: readonly Entry[]): Promise<void> {
  await enterTenant(sql, tenantId);
  await append(sql, tenantId, entries);
}

/**
 * Locks the audits of several tenants in the order of their ids, in which everybody does: of two that record in both, one waits for the other. The transaction is
 * for the last of them then.
 */
export async function lockAudits(sql: Sql, tenantIds: Iterable<string>): Promise<void> {
  for (const tenantId of [...new Set(tenantIds)].sort()) {
    await enterTenant(sql, tenantId);
    await headOf(sql, tenantId);
  }
}

/** From here on the transaction is for this tenant. */
export async function enterTenant(sql: Sql, tenantId: string): Promise<void> {
  await sql.query("SELECT set_config('stoa.tenant_id', $1, true)", [tenantId]);
}
