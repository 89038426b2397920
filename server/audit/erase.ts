import type { Sql } from '../database/sql.ts';
import type { ObjectKind } from './object-kinds.ts';

/** The subjects of a kind that the audit calls by this name, or once did: those that were deleted, too. */
export async function subjectsNamed(sql: Sql, tenantId: string, kind: ObjectKind, name: string): Promise<string[]> {
  const { rows } = await sql.query<{ subject: string }>(
    `SELECT DISTINCT subject FROM audit_personal WHERE tenant_id = $1::uuid AND value = to_json($2::text)::text AND subject LIKE $3
       AND salt IS NOT NULL AND field IN ('object.name', 'before.name', 'after.name', 'before.consumer_name', 'after.consumer_name') LIMIT 1000`,
    [tenantId, name, `${kind}:%`],
  );
  return rows.map(({ subject }) => subject);
}

/** Makes a pseudonym of every field that names these subjects, in the transaction that `sql` is in. Answers how many there were. */
export async function erase(sql: Sql, tenantId: string, subjects: readonly string[], pseudonym: string): Promise<number> {
  const { rows } = await sql.query<{ erased: string | bigint }>('SELECT audit_erase($1::uuid, $2::text[], $3) AS erased', [
    tenantId,
    subjects,
    pseudonym,
  ]);
  return Number(rows[0]?.erased ?? 0);
}
