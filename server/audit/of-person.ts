import type { Pool, PoolClient } from 'pg';
import type { AuditKind } from '@stoa/generated/schemas.ts';
import type { RecordedAction } from './actions.ts';
import { appendFor } from './append.ts';
import type { AskedOperation } from './actor.ts';
import type { CountedRecords } from './counted.ts';

type From = Pick<AskedOperation, 'address' | 'client'>;
type Act = { action: RecordedAction; kind?: AuditKind; detail?: Record<string, unknown>; from: From };
type Member = { tenant_id: string; id: string; name: string };

// In the order of their ids, in which everybody locks the heads of several tenants.
const membersOf = (condition: string) =>
  `SELECT m.tenant_id, u.id, u.name FROM app_user u JOIN membership m ON m.user_id = u.id WHERE ${condition} ORDER BY m.tenant_id`;

/** Records what a person did with his account in every tenant that he belongs to, in the transaction of it. */
export async function recordOfPerson(client: PoolClient, userId: string, { action, kind = 'sign-in', detail, from }: Act): Promise<void> {
  const { rows } = await client.query<Member>(membersOf('u.id = $1'), [userId]);
  for (const { tenant_id, id, name } of rows) {
    const actor = { kind: 'user' as const, id, name, ...from };
    await appendFor(client, tenant_id, [{ kind, action, outcome: 'done', actor, object: { kind: 'user', id, name }, detail }]);
  }
}

/** Notes that somebody failed to sign in as a person, whose id or address is known. What is tried with an address that nobody has belongs to no tenant. */
export async function noteFailedSignIn(
  pool: Pool,
  counted: CountedRecords,
  who: { userId: string } | { email: string },
  { step, from }: { step: 'password' | 'second factor'; from: From },
): Promise<void> {
  const { rows } =
    'userId' in who
      ? await pool.query<Member>(membersOf('u.id = $1'), [who.userId])
      : await pool.query<Member>(membersOf('u.email = $1'), [who.email]);
  for (const { tenant_id, id, name } of rows) {
    const actor = { kind: 'nobody' as const, ...from };
    counted.note(tenant_id, { kind: 'sign-in', action: 'signIn', outcome: 'failed', actor, object: { kind: 'user', id, name }, detail: { step } });
  }
}
