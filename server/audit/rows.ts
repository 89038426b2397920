import type { AuditCheckpointLine, AuditCore, AuditRecordLine, PersonalField } from '@stoa/lib/audit-record.ts';
import type { AuditRecord } from '@stoa/generated/schemas.ts';
import { present } from '../operations/wire.ts';

/** A record with its personal fields, as `recordColumns` reads it and JSON tells it. */
export type RecordRow = {
  tenant_id: string;
  seq: number;
  at: string;
  kind: string;
  action: string;
  outcome: string;
  actor_kind: string;
  actor_id: string | null;
  token_id: string | null;
  object_kind: string | null;
  object_id: string | null;
  object_name: string | null;
  before: unknown;
  after: unknown;
  detail: Record<string, unknown> | null;
  request_id: string | null;
  commitments: AuditCore['commitments'];
  previous: string;
  hash: string;
  /** Null where it has none. */
  personal: { field: string; salt: string | null; value: string }[] | null;
};

/** Of a record `r`. */
export const recordColumns = `r.*, (SELECT json_agg(json_build_object('field', p.field, 'salt', p.salt, 'value', p.value))
  FROM audit_personal p WHERE p.tenant_id = r.tenant_id AND p.seq = r.seq) AS personal`;

export type CheckpointRow = { tenant_id: string; seq: string | bigint; cut: boolean; hash: string; at: Date; key_id: string; signature: string };

/** A record as it is exported, with everything that its hash covers. */
export function toLine(row: RecordRow): AuditRecordLine {
  const { actor_kind: kind, actor_id: id, token_id, object_kind, object_id, object_name, before, after, detail, request_id } = row;
  const { action, outcome, commitments, previous, hash } = row;
  return {
    type: 'record',
    tenant: row.tenant_id,
    seq: row.seq,
    at: new Date(row.at).toISOString(),
    kind: row.kind,
    action,
    outcome,
    actor: { kind, ...present({ id, token_id }) },
    ...(object_kind === null ? {} : { object: { kind: object_kind, ...present({ id: object_id, name: object_name }) } }),
    ...present({ before, after, detail, request_id }),
    commitments,
    previous,
    hash,
    personal: Object.fromEntries(
      (row.personal ?? []).map(({ field, salt, value }): [string, PersonalField] => [field, { value: JSON.parse(value), ...present({ salt }) }]),
    ),
  };
}

export function toCheckpointLine({ tenant_id: tenant, seq, at, cut, hash, key_id, signature }: CheckpointRow): AuditCheckpointLine {
  return { type: 'checkpoint', tenant, seq: Number(seq), hash, at: at.toISOString(), cut, key_id, signature };
}

/** A record as people read it: what names somebody stands where it belongs. */
export function toAuditRecord({ type: _type, tenant: _tenant, commitments: _commitments, personal, ...line }: AuditRecordLine): AuditRecord {
  const record = structuredClone(line) as Record<string, unknown>;
  for (const [field, { value }] of Object.entries(personal)) {
    const [place = '', member = ''] = field.split('.', 2);
    const holder = (record[place] ??= {}) as Record<string, unknown>;
    holder[member] = value;
  }
  // Written only with the kinds, outcomes and shapes of the contract.
  return record as unknown as AuditRecord;
}
