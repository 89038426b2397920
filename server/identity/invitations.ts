import { randomUUID } from 'node:crypto';
import type { Maker } from '@stoa/generated/schemas.ts';
import type { Pool, PoolClient } from 'pg';
import { mintCredential } from '../access/credentials.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import type { AskedOperation } from '../audit/actor.ts';
import { appendFor } from '../audit/append.ts';
import { recordOfPerson } from '../audit/of-person.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { conflict, notFound } from '../errors.ts';
import { endOthers } from './sessions.ts';
import { createUser, sealTotp, setPassword, setRecoveryCodes, setTotp } from './users.ts';
import { isVouchedFor } from './voucher.ts';
import type { SentLink } from './voucher.ts';
import type { Sql } from '../database/sql.ts';

/** With `userId` it joins nobody to anything: that person sets a new password by it, as long as he has no other roles than these. */
export type FoundInvitation = {
  id: string;
  tenantId: string;
  tenant: string;
  roles: string[];
  email: string | undefined;
  userId: string | undefined;
};
export type NewUser = { email: string; name: string; passwordHash: string; totpSecret: string; totpStep: number; recoveryCodes: string[] };
type From = Pick<AskedOperation, 'address' | 'client'>;
type Store = { pool: Pool; keys: KeyMaterial };
type Spending = { what: 'invitation' | 'link'; condition: string; values: readonly unknown[] };

/** For how many days a link counts after its use: so long whoever made it may be who signs in by it. */
export const countsForDays = 7;
/** For how long an invitation is good. */
export const invitationMs = 7 * 24 * 60 * 60 * 1000;
const hasNoOwner = (tenantId: string) => `NOT EXISTS (SELECT FROM membership o WHERE o.tenant_id = ${tenantId} AND 'owner' = ANY (o.roles))`;
const isGood = `used_at IS NULL AND expires_at > now() AND (NOT first_owner OR ${hasNoOwner('invitation.tenant_id')})`;

/** Makes an invitation; the code of it is told once. */
export async function invite(
  db: Sql,
  keys: KeyMaterial,
  given: {
    tenantId: string;
    roles: readonly string[];
    email?: string | undefined;
    firstOwner?: boolean;
    userId?: string;
    invitedBy?: Maker;
    goodForMs?: number;
  },
): Promise<{ id: string; code: string; expiresAt: Date }> {
  const { secret, hint } = mintCredential('invitation');
  const { rows } = await db.query<{ id: string; expires_at: Date }>(
    `INSERT INTO invitation (tenant_id, roles, email, first_owner, invited_by, created_by, user_id, hmac, hint, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::uuid, $8, $9, now() + make_interval(secs => $10)) RETURNING id, expires_at`,
    [
      given.tenantId,
      given.roles,
      given.email ?? null,
      given.firstOwner ?? false,
      given.invitedBy?.name ?? null,
      given.invitedBy === undefined ? null : JSON.stringify(given.invitedBy),
      given.userId ?? null,
      keys.hmac(secret),
      hint,
      (given.goodForMs ?? invitationMs) / 1000,
    ],
  );
  const [row] = rows as [{ id: string; expires_at: Date }];
  return { id: row.id, code: secret, expiresAt: row.expires_at };
}

/** The invitation with this code, if it is good still. */
export async function findInvitation({ pool, keys }: Store, code: string): Promise<FoundInvitation | undefined> {
  const { rows } = await pool.query<SentLink & { id: string; tenant: string; email: string | null; user_id: string | null }>(
    `SELECT invitation.id, tenant_id, t.name AS tenant, roles, email, user_id, first_owner, invitation.created_by
     FROM invitation JOIN tenant t ON t.id = invitation.tenant_id WHERE hmac = $1 AND ${isGood}`,
    [keys.hmac(code)],
  );
  const [row] = rows;
  if (!row || !(await isVouchedFor(pool, row))) return undefined;
  const { id, tenant, roles } = row;
  return { id, tenantId: row.tenant_id, tenant, roles, email: row.email ?? undefined, userId: row.user_id ?? undefined };
}

/** Spends what has this code, if it is good still and the condition holds, whose values follow that of the code. @throws ApiError 404 otherwise */
async function spend(client: PoolClient, hmac: Uint8Array, { what, condition, values }: Spending): Promise<SentLink> {
  const { rows } = await client.query<SentLink>(
    `UPDATE invitation SET used_at = now() WHERE hmac = $1 AND ${isGood} AND ${condition} RETURNING tenant_id, roles, first_owner, created_by`,
    [hmac, ...values],
  );
  const [spent] = rows;
  if (!spent || !(await isVouchedFor(client, spent))) throw notFound(what);
  return spent;
}

/**
 * Spends the invitation and makes the user in one transaction: of two that come by one link, one joins; of two first owners on two links, one.
 * @throws ApiError 404 when the invitation is no longer good, 409 when the address belongs to a user
 */
export async function join({ pool, keys }: Store, code: string, user: NewUser, from: From): Promise<string> {
  const id = randomUUID();
  await inTransaction(pool, async (client) => {
    // Two first owners would each see that there is none.
    await client.query('LOCK TABLE membership IN SHARE ROW EXCLUSIVE MODE');
    const condition = 'user_id IS NULL AND (email IS NULL OR email = $2)';
    const spent = await spend(client, keys.hmac(code), { what: 'invitation', condition, values: [user.email] });
    const { rowCount } = await client.query('SELECT FROM app_user WHERE email = $1', [user.email]);
    if (rowCount) throw conflict('Somebody signs in with this address already: sign in with it to join.', 'email_taken');
    await createUser(client, keys, { id, ...user });
    await client.query('INSERT INTO membership (user_id, tenant_id, roles, created_by) VALUES ($1, $2, $3, $4)', [
      id,
      spent.tenant_id,
      spent.roles,
      spent.created_by,
    ]);
    await recordOfPerson(client, id, { action: 'join', kind: 'change', detail: { roles: spent.roles }, from });
  });
  return id;
}

/**
 * Spends the invitation for somebody who has an account: he belongs to the tenant then, with these roles besides those that he has there.
 * @throws ApiError 404 when the invitation is no longer good, or for another address
 */
export async function joinExisting({ pool, keys }: Store, code: string, userId: string, from: From): Promise<string> {
  return inTransaction(pool, async (client) => {
    await client.query('LOCK TABLE membership IN SHARE ROW EXCLUSIVE MODE');
    const condition = 'user_id IS NULL AND (email IS NULL OR email = (SELECT u.email FROM app_user u WHERE u.id = $2))';
    const spent = await spend(client, keys.hmac(code), { what: 'invitation', condition, values: [userId] });
    await client.query(
      `INSERT INTO membership (user_id, tenant_id, roles, created_by) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, tenant_id)
       DO UPDATE SET roles = ARRAY(SELECT DISTINCT unnest(membership.roles || EXCLUDED.roles) ORDER BY 1), updated_by = EXCLUDED.created_by`,
      [userId, spent.tenant_id, spent.roles, spent.created_by],
    );
    const { rows: users } = await client.query<{ name: string }>('SELECT name FROM app_user WHERE id = $1', [userId]);
    const who = { kind: 'user' as const, id: userId, name: users[0]?.name };
    await appendFor(client, spent.tenant_id, [
      { kind: 'change', action: 'join', outcome: 'done', actor: { ...who, ...from }, object: who, detail: { roles: spent.roles } },
    ]);
    return spent.tenant_id;
  });
}

/** Of several links to a new password, the newest is good. Those that were used stay: they say who might sign in as whom. */
export async function endResetLinks(db: Sql, userId: string): Promise<void> {
  await db.query('DELETE FROM invitation WHERE user_id = $1::uuid AND used_at IS NULL', [userId]);
}

/**
 * Spends a link to a new password: with it, the person has a new authenticator and new recovery codes, and is signed out everywhere. Whoever made the link could use it
 * himself: it is good for no more than he was asked about.
 * @throws ApiError 404 when the link is no longer good, or the person belongs elsewhere or has other roles since
 */
export async function resetBy({ pool, keys }: Store, code: string, userId: string, user: NewUser, from: From): Promise<void> {
  const sealed = await sealTotp(keys, userId, user.totpSecret);
  await inTransaction(pool, async (client) => {
    // Nobody joins another tenant meanwhile.
    await client.query('LOCK TABLE membership IN SHARE ROW EXCLUSIVE MODE');
    const condition = `user_id = $2 AND ARRAY[tenant_id] = ARRAY(SELECT m.tenant_id FROM membership m WHERE m.user_id = $2)
         AND roles @> ARRAY(SELECT unnest(m.roles) FROM membership m WHERE m.user_id = $2 UNION SELECT unnest(t.roles) FROM team_member t WHERE t.user_id = $2)`;
    await spend(client, keys.hmac(code), { what: 'link', condition, values: [userId] });
    await setPassword(client, userId, user.passwordHash);
    await setTotp(client, userId, sealed, user.totpStep);
    await setRecoveryCodes(client, keys, userId, user.recoveryCodes);
    await endOthers(client, userId, undefined, from);
    await recordOfPerson(client, userId, { action: 'resetPassword', kind: 'change', from });
  });
}

/** While nobody owns the tenant of the platform, which is there from the start: an invitation for its first owner, made by each start, good for a day. They all end with the first that is used. */
export async function inviteFirstOwner({ pool, keys }: Store): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM tenant WHERE id = (SELECT tenant_id FROM platform) AND ${hasNoOwner('tenant.id')}`,
  );
  const [tenant] = rows;
  if (!tenant) return undefined;
  const { code } = await invite(pool, keys, { tenantId: tenant.id, roles: ['owner'], firstOwner: true, goodForMs: 24 * 60 * 60 * 1000 });
  return code;
}
