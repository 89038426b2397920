import { expect, it } from 'vitest';
import { noHash } from '@stoa/lib/audit-record.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Sql } from '../database/sql.ts';
import { CountedRecords } from './counted.ts';
import type { Actor } from './entry.ts';
import type { ForTenant } from './for-tenant.ts';

type Written = { tenant: string; actor: string; address?: unknown; object: string; count?: number };
type Columns = { seq: number; actor_kind: string; actor_id?: string; object_id: string; detail?: { count?: number } };

/** What is written of refusals that `noteAll` notes, in the order of it. */
async function written(noteAll: (note: (tenant: string, actor: Actor, object?: string) => void) => void): Promise<Written[]> {
  const all: Written[] = [];
  const forTenant: ForTenant = (tenant, work) => {
    const query = async (_statement: string, [, records, personal]: readonly unknown[] = []) => {
      if (records === undefined) return { rows: [{ seq: 0, hash: noHash, at: new Date(0) }] };
      const addresses = JSON.parse(String(personal)) as { seq: number; field: string; value: string }[];
      for (const { seq, actor_kind, actor_id, object_id, detail } of JSON.parse(String(records)) as Columns[]) {
        const told = addresses.find((each) => each.seq === seq && each.field === 'actor.address');
        const count = detail?.count;
        all.push({
          tenant,
          actor: actor_id ?? actor_kind,
          object: object_id,
          ...(told && { address: JSON.parse(told.value) as unknown }),
          ...(count && { count }),
        });
      }
      return { rows: [] };
    };
    return work({ query } as unknown as Sql);
  };
  const records = new CountedRecords(forTenant, createLogger({ program: 'test', level: 'silent' }));
  noteAll((tenant, actor, object = 'orders') =>
    records.note(tenant, { kind: 'refusal', action: 'call', outcome: 'refused', actor, object: { kind: 'api', id: object } }),
  );
  await records.stop();
  return all;
}
const nobodyAt = (address: string): Actor => ({ kind: 'nobody', address });

it('what nobody known is refused makes two records, from however many addresses, and the second names none that not all came from', async () => {
  const all = await written((note) => {
    for (let host = 1; host <= 250; host += 1) note('bank', nobodyAt(`192.0.2.${host}`));
    for (let call = 0; call < 3; call += 1) note('bank', nobodyAt('192.0.2.7'), 'payments');
  });
  expect(all).toEqual([
    { tenant: 'bank', actor: 'nobody', object: 'orders', address: '192.0.2.1' },
    { tenant: 'bank', actor: 'nobody', object: 'payments', address: '192.0.2.7' },
    { tenant: 'bank', actor: 'nobody', object: 'orders', count: 249 },
    { tenant: 'bank', actor: 'nobody', object: 'payments', address: '192.0.2.7', count: 2 },
  ]);
});

it('a flood of different refusals in one tenant is counted together beyond a bound, and blurs those of no other', async () => {
  const all = await written((note) => {
    for (let api = 0; api < 12_000; api += 1) note('flooded', { kind: 'consumer', id: 'flooder' }, `api ${api}`);
    for (const id of ['ada', 'bob', 'ada']) note('quiet', { kind: 'consumer', id });
  });
  expect(all.filter(({ tenant }) => tenant === 'quiet')).toEqual([
    { tenant: 'quiet', actor: 'ada', object: 'orders' },
    { tenant: 'quiet', actor: 'bob', object: 'orders' },
    { tenant: 'quiet', actor: 'ada', object: 'orders', count: 1 },
  ]);
  const flood = all.filter(({ tenant }) => tenant === 'flooded');
  expect(flood.length).toBeLessThan(3_000);
  expect(flood.length + (flood.at(-1)?.count ?? 0) - 1).toBe(12_000);
});
