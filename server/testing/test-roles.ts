import type { ClientBase } from 'pg';
import type { DatabaseUrls } from '../database/database-roles.ts';
import type { RoleNames } from '../database/guard-tenants.ts';

const [service, unscoped, password] = ['stoa_test_service', 'stoa_test_unscoped', 'held by policies'];

/** Makes the two roles that own nothing in the tests' server, unless an earlier run has. Beside no other run. */
export async function makeTestRoles(client: ClientBase): Promise<RoleNames> {
  for (const name of [service, unscoped]) {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  }
  const { rows } = await client.query<{ owner: string }>('SELECT current_user AS owner');
  return { owner: rows[0]?.owner ?? '', service, unscoped };
}

/** A test database by each of its roles. */
export function urlsOfTestDatabase(owner: string): DatabaseUrls {
  const as = (name: string) => Object.assign(new URL(owner), { username: name, password }).href;
  return { owner, service: as(service), unscoped: as(unscoped) };
}

/** A database by one role for all. */
export const oneRole = (url: string): DatabaseUrls => ({ owner: url, service: url, unscoped: url });
