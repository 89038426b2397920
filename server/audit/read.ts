import { noHash } from '@stoa/lib/audit-record.ts';
import type { AuditCheckpointLine, ChainLine, AuditRecordLine } from '@stoa/lib/audit-record.ts';
import type { Sql } from '../database/sql.ts';
import { recordColumns, toCheckpointLine, toLine } from './rows.ts';
import type { CheckpointRow, RecordRow } from './rows.ts';

export type AuditFilter = {
  kind?: string | undefined;
  action?: string | undefined;
  /** The id or the name of a person, a token or a key. */
  actor?: string | undefined;
  /** The id or the name of a thing, or its kind. */
  object?: string | undefined;
  outcome?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
};

const named = (field: string, parameter: string): string =>
  `EXISTS (SELECT FROM audit_personal p WHERE p.tenant_id = r.tenant_id AND p.seq = r.seq AND p.field = '${field}' AND p.value = to_json(${parameter}::text)::text)`;

/** Records of a tenant, the newest first, `take` at most, those before record `before`. */
export async function findRecords(sql: Sql, tenantId: string, filter: AuditFilter, take: number, before?: number): Promise<AuditRecordLine[]> {
  const values: unknown[] = [tenantId];
  const conditions = ['r.tenant_id = $1::uuid'];
  const hold = (value: unknown, condition: (parameter: string) => string) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  hold(filter.kind, (given) => `r.kind = ${given}`);
  hold(filter.action, (given) => `r.action = ${given}`);
  hold(filter.outcome, (given) => `r.outcome = ${given}`);
  hold(filter.actor, (given) => `(r.actor_id = ${given} OR r.token_id = ${given} OR ${named('actor.name', given)})`);
  hold(
    filter.object,
    (given) => `(r.object_id = ${given} OR r.object_kind = ${given} OR r.object_name = ${given} OR ${named('object.name', given)})`,
  );
  hold(filter.since, (given) => `r.at >= ${given}::timestamptz`);
  hold(filter.until, (given) => `r.at < ${given}::timestamptz`);
  hold(before, (given) => `r.seq < ${given}::bigint`);
  return linesOf(
    sql,
    `SELECT ${recordColumns} FROM audit_record r WHERE ${conditions.join(' AND ')} ORDER BY r.seq DESC LIMIT ${take}`,
    'DESC',
    values,
  );
}

/** One text of JSON, parsed at once: a page row by row and column by column took the driver and Prisma longer than the database. */
async function linesOf(sql: Sql, statement: string, order: 'ASC' | 'DESC', values: unknown[]): Promise<AuditRecordLine[]> {
  const { rows } = await sql.query<{ page: string | null }>(
    `SELECT json_agg(page ORDER BY page.seq ${order})::text AS page FROM (${statement}) page`,
    values,
  );
  return (JSON.parse(rows[0]?.page ?? '[]') as RecordRow[]).map(toLine);
}

const pageSize = 500;

/** The records of a tenant after one, in their order. */
export function recordsAfter(sql: Sql, tenantId: string, after: number, take: number): Promise<AuditRecordLine[]> {
  return linesOf(
    sql,
    `SELECT ${recordColumns} FROM audit_record r WHERE r.tenant_id = $1::uuid AND r.seq > $2::bigint ORDER BY r.seq LIMIT ${take}`,
    'ASC',
    [tenantId, after],
  );
}

/** Bounded on both sides: by a limit alone, a database without statistics reads and sorts all that is left of the chain for each page. */
function recordsBetween(sql: Sql, tenantId: string, after: number, upTo: number): Promise<AuditRecordLine[]> {
  const statement = `SELECT ${recordColumns} FROM audit_record r WHERE r.tenant_id = $1::uuid AND r.seq > $2::bigint AND r.seq <= $3::bigint`;
  return linesOf(sql, statement, 'ASC', [tenantId, after, upTo]);
}

export async function checkpointsBetween(sql: Sql, tenantId: string, after: number, upTo: number): Promise<AuditCheckpointLine[]> {
  const { rows } = await sql.query<CheckpointRow>(
    'SELECT * FROM audit_checkpoint WHERE tenant_id = $1::uuid AND seq > $2::bigint AND seq <= $3::bigint ORDER BY seq, cut',
    [tenantId, after, upTo],
  );
  return rows.map(toCheckpointLine);
}

/** The newest checkpoint of which records may be gone. */
export async function cutOf(sql: Sql, tenantId: string): Promise<AuditCheckpointLine | undefined> {
  const { rows } = await sql.query<CheckpointRow>('SELECT * FROM audit_checkpoint WHERE tenant_id = $1::uuid AND cut ORDER BY seq DESC LIMIT 1', [
    tenantId,
  ]);
  return rows.map(toCheckpointLine)[0];
}

/** `read` runs each step, so that none holds a transaction open while somebody takes what it brought. */
export type Reader = <T>(read: (sql: Sql) => Promise<T>) => Promise<T>;

/**
 * The whole chain of a tenant up to a record, page by page: a checkpoint follows the record that it is of, and the one at which older records were cut off comes
 * first.
 */
export async function* chainOf(read: Reader, tenantId: string, upTo: number): AsyncGenerator<ChainLine[]> {
  const cut = await read((sql) => cutOf(sql, tenantId));
  if (cut) yield [cut];
  let next = pageAfter(read, tenantId, cut?.seq ?? 0, upTo);
  for (;;) {
    const { lines, last } = await next;
    // The database goes on while somebody takes what it brought.
    if (last < upTo) next = pageAfter(read, tenantId, last, upTo);
    // Whoever takes no more of it does not hear of it.
    next.catch(() => undefined);
    yield lines;
    if (last >= upTo) return;
  }
}

async function pageAfter(read: Reader, tenantId: string, after: number, upTo: number): Promise<{ lines: ChainLine[]; last: number }> {
  if (after >= upTo) return { lines: [], last: upTo };
  return read(async (sql) => {
    const first = await firstAfter(sql, tenantId, after);
    if (first === undefined) return { lines: [], last: upTo };
    const last = Math.min(first + pageSize - 1, upTo);
    const records = await recordsBetween(sql, tenantId, first - 1, last);
    return { lines: inOrder(records, await checkpointsBetween(sql, tenantId, first - 1, last)), last };
  });
}

/** Numbers may be missing, however many: nothing is looked for among them. */
async function firstAfter(sql: Sql, tenantId: string, after: number): Promise<number | undefined> {
  const firstOf = (table: string) => `(SELECT min(seq) FROM ${table} WHERE tenant_id = $1::uuid AND seq > $2::bigint)`;
  const { rows } = await sql.query<{ first: string | bigint | null }>(
    `SELECT LEAST(${firstOf('audit_record')}, ${firstOf('audit_checkpoint')}) AS first`,
    [tenantId, after],
  );
  return rows[0]?.first ? Number(rows[0].first) : undefined;
}

/** A checkpoint follows the record that it is of. */
export function inOrder(records: readonly AuditRecordLine[], checkpoints: readonly AuditCheckpointLine[]): ChainLine[] {
  const rank = ({ type }: ChainLine) => (type === 'record' ? 0 : 1);
  return [...records, ...checkpoints].sort((a, b) => a.seq - b.seq || rank(a) - rank(b));
}

/** The last record of a tenant as it was remembered when it was written, and the highest number that anything of the chain has, both of one moment. */
export async function endOf(sql: Sql, tenantId: string): Promise<{ head: { seq: number; hash: string }; last: number }> {
  const { rows } = await sql.query<{ seq: string | bigint | null; hash: string | null; last: string | bigint | null }>(
    `SELECT (SELECT seq FROM audit_head WHERE tenant_id = $1::uuid) AS seq, (SELECT hash FROM audit_head WHERE tenant_id = $1::uuid) AS hash,
       GREATEST((SELECT max(seq) FROM audit_record WHERE tenant_id = $1::uuid), (SELECT max(seq) FROM audit_checkpoint WHERE tenant_id = $1::uuid)) AS last`,
    [tenantId],
  );
  const head = { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.hash ?? noHash };
  return { head, last: Math.max(head.seq, Number(rows[0]?.last ?? 0)) };
}
