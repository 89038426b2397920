import { randomUUID } from 'node:crypto';
import { createLogger } from '@stoa/lib/log.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../database/connection.ts';
import type { Database } from '../database/connection.ts';
import { changeCatalog } from '../deployments/change-catalog.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import { openStore } from '../testing/store.ts';
import type { Store } from '../testing/store.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { asTenant, inTenant } from './in-tenant.ts';
import { oneRole } from '../testing/test-roles.ts';

let db: Database;
let store: Store;
let tenantId: string;
beforeAll(async () => {
  const url = await createTestDatabase();
  // With one connection, whatever would open a second transaction within the first would never be answered.
  db = connect(oneRole(url), { max: 1, log: createLogger({ program: 'test', level: 'silent' }) });
  store = openStore(url);
  tenantId = (await store.prisma.tenant.findFirstOrThrow()).id;
});
afterAll(async () => {
  await db.close();
  await store.close();
});

const context = () => ({ db, principal: { kind: 'operator', tenantId } as OperatorPrincipal });
const names = async () => (await store.prisma.consumer.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);

describe('a transaction for a tenant', () => {
  it('says for which, and its connection forgets it with it', async () => {
    const told = async (wanted: string) =>
      asTenant(db, wanted, (tx) => tx.$queryRaw`SELECT current_setting('stoa.tenant_id', true) AS tenant, pg_current_xact_id()::text AS id`);
    const [first, second] = [randomUUID(), randomUUID()];
    expect([await told(first), await told(second)]).toMatchObject([[{ tenant: first }], [{ tenant: second }]]);
    expect((await db.pool.query(`SELECT nullif(current_setting('stoa.tenant_id', true), '') AS tenant`)).rows).toEqual([{ tenant: null }]);
  });

  it('holds what is done within it by others who ask for one, and is undone whole', async () => {
    const both = inTenant(context(), async (tx) => {
      await tx.consumer.create({ data: { tenant_id: tenantId, name: 'outer' } });
      await inTenant(context(), (same) => same.consumer.create({ data: { tenant_id: tenantId, name: 'inner' } }));
      throw new Error('changed my mind');
    });
    await expect(both).rejects.toThrow('changed my mind');
    expect(await names()).toEqual([]);
  });

  it('does not go on for another tenant', async () => {
    const other = randomUUID();
    await expect(inTenant(context(), () => asTenant(db, other, (tx) => tx.consumer.count()))).rejects.toThrow('for another');
  });

  it('undoes a dry run within it, and only that', async () => {
    const change = (name: string, isDryRun: boolean) =>
      changeCatalog(
        context(),
        tenantId,
        { kind: 'consumer', id: randomUUID() },
        (tx) => tx.consumer.create({ data: { tenant_id: tenantId, name } }),
        isDryRun,
      );
    const rehearsed = await inTenant(context(), async () => {
      await change('made', false);
      return change('rehearsed', true);
    });
    expect(rehearsed.name).toBe('rehearsed');
    expect(await names()).toEqual(['made']);
  });
});
