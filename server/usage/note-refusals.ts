import type { UsageBatch, UsageRecord } from '@stoa/generated/schemas.ts';
import type { Actor } from '../audit/entry.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import { nobody } from './add-usage.ts';

type Named = { id: string; name: string };

/** Has the calls that a runtime refused recorded in the audit, those of one caller, operation, door and reason together. Beside names it keeps what usage keeps. */
export async function noteRefusals(context: RequestContext, tenantId: string, { records }: UsageBatch): Promise<void> {
  const refused = records.filter(({ refusals = [] }) => refusals.length > 0);
  if (refused.length === 0) return;
  const names = await namesOf(context, refused);
  for (const record of refused) {
    const { api_id: apiId, operation_id: operationId, consumer_id: consumerId, door, refusals = [] } = record;
    const caller: Actor = consumerId === undefined ? { kind: 'nobody' } : { kind: 'consumer', id: consumerId, name: names.get(consumerId) };
    const object = apiId === nobody ? undefined : { kind: 'api' as const, id: apiId, name: names.get(apiId) };
    for (const { reason, policy, calls, address } of refusals) {
      const detail = { door, reason, ...(policy !== undefined && { policy }), ...(operationId !== '' && { operation_id: operationId }) };
      const entry = { kind: 'refusal', action: 'call', outcome: 'refused', actor: { ...caller, address }, object, detail } as const;
      context.audit.refusedCalls.note(tenantId, entry, calls);
    }
  }
}

/** The names of the consumers and APIs at this time, by their ids. */
async function namesOf(context: RequestContext, records: readonly UsageRecord[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(records.flatMap(({ api_id: api, consumer_id: consumer }) => [api, consumer ?? api]))];
  const statement = `SELECT id, name FROM consumer WHERE id = ANY ($1::uuid[]) UNION ALL SELECT id, name FROM api WHERE id = ANY ($1::uuid[])`;
  const { rows } = await inTenant(context, (tx) => sqlOf(tx).query<Named>(statement, [ids]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
