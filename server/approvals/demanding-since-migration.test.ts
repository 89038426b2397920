import { expect, it } from 'vitest';
import { migrate } from '../database/migrate.ts';
import { databaseBefore, migrationsDir } from '../testing/earlier-database.ts';

it('an environment that demands a second person already has done so since long ago: nobody who joined meanwhile stands for himself', async () => {
  const { databaseUrl, client } = await databaseBefore('20261130183100_demanding_since');
  const demand = (environment: string) =>
    client.query(`INSERT INTO environment_setting (tenant_id, environment, four_eyes) SELECT id, $1, '{reveals}' FROM tenant`, [environment]);
  await client.query("INSERT INTO tenant (name) SELECT 'bank' WHERE NOT EXISTS (SELECT FROM tenant)");
  await demand('before');
  await migrate({ databaseUrl, migrationsDir });
  await demand('after');
  const { rows } = await client.query(
    "SELECT environment, demanding_since < now() - interval '1 year' AS is_old FROM environment_setting ORDER BY environment",
  );
  expect(rows).toEqual([
    { environment: 'after', is_old: false },
    { environment: 'before', is_old: true },
  ]);
  await client.end();
});
