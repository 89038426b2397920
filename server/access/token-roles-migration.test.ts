import { expect, it } from 'vitest';
import { migrate } from '../database/migrate.ts';
import { databaseBefore, migrationsDir } from '../testing/earlier-database.ts';

it("tokens keep what they may do, the first administrator's becomes the owner's with its sessions, and a replica of the last release mints on", async () => {
  const { databaseUrl, client } = await databaseBefore('20261129234233_token_roles');
  const mint = (name: string, role: string) =>
    client.query(
      `INSERT INTO operator_token (tenant_id, name, role, hmac, hint) SELECT id, $1, $2, decode(md5($1 || random()::text), 'hex'), '' FROM tenant`,
      [name, role],
    );
  for (const [name, role] of [
    ['first administrator', 'admin'],
    ['second', 'admin'],
    ['dashboard', 'viewer'],
    ['first administrator', 'viewer'],
  ] as const)
    await mint(name, role);
  await migrate({ databaseUrl, migrationsDir });
  await mint('of an old replica', 'admin');
  const { rows } = await client.query<{ name: string; roles: string[]; scopes: string[] }>(
    'SELECT name, roles, scopes FROM operator_token ORDER BY name, role',
  );
  expect(rows.map(({ name, roles, scopes }) => [name, ...roles, ...scopes])).toEqual([
    ['dashboard', 'viewer', '*'],
    ['first administrator', 'owner', '*'],
    ['first administrator', 'viewer', '*'],
    ['of an old replica', 'admin', '*'],
    ['second', 'admin', '*'],
  ]);
  await client.end();
});
