import type { Pool, PoolClient } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { isPassword } from './passwords.ts';
import { recoveryCodeHmac } from './recovery-codes.ts';
import { totpStep } from './totp.ts';

/** `email` is the address, or what an external issuer calls the person. */
export type KnownUser = { id: string; email: string; name: string };
export type Membership = { tenantId: string; tenant: string; roles: string[]; isSuspended: boolean };
type Store = { pool: Pool; keys: KeyMaterial };

export const maxEmailLength = 254;
export const maxNameLength = 100;
/** One form for an address, however it is typed. */
export const plainEmail = (typed: string): string => typed.trim().toLowerCase();
export const isEmail = (text: string): boolean => text.length <= maxEmailLength && /^[^\s@]+@[^\s@]+$/.test(text);

const totpContext = (userId: string) => `totp:${userId}`;

/** Makes a user with a second factor. The address must be free: the database refuses it otherwise. */
export async function createUser(
  client: PoolClient,
  keys: KeyMaterial,
  {
    id,
    email,
    name,
    passwordHash,
    totpSecret,
    totpStep,
    recoveryCodes,
  }: KnownUser & { passwordHash: string; totpSecret: string; totpStep: number; recoveryCodes: string[] },
): Promise<void> {
  await client.query('INSERT INTO app_user (id, email, name, password_hash, totp_secret, totp_step) VALUES ($1, $2, $3, $4, $5, $6)', [
    id,
    email,
    name,
    passwordHash,
    await keys.seal(totpSecret, totpContext(id)),
    totpStep,
  ]);
  await addRecoveryCodes(client, keys, id, recoveryCodes);
}

async function addRecoveryCodes(client: PoolClient, keys: KeyMaterial, userId: string, codes: readonly string[]): Promise<void> {
  await client.query('INSERT INTO recovery_code (user_id, hmac) SELECT $1, unnest($2::bytea[])', [
    userId,
    codes.map((code) => recoveryCodeHmac(keys, code)),
  ]);
}

export async function setPassword(client: PoolClient, userId: string, passwordHash: string): Promise<void> {
  await client.query('UPDATE app_user SET password_hash = $2 WHERE id = $1', [userId, passwordHash]);
}

/** As `setTotp` takes it. Sealing may ask for a key, for which no transaction waits. */
export const sealTotp = (keys: KeyMaterial, userId: string, secret: string): Promise<Uint8Array> => keys.seal(secret, totpContext(userId));

/** `step` is that of the code by which the new authenticator was proven: it is good no more. */
export async function setTotp(client: PoolClient, userId: string, sealed: Uint8Array, step: number): Promise<void> {
  await client.query('UPDATE app_user SET totp_secret = $2, totp_step = $3 WHERE id = $1', [userId, sealed, step]);
}

/** In place of all that the person had. */
export async function setRecoveryCodes(client: PoolClient, keys: KeyMaterial, userId: string, codes: readonly string[]): Promise<void> {
  await client.query('DELETE FROM recovery_code WHERE user_id = $1', [userId]);
  await addRecoveryCodes(client, keys, userId, codes);
}

/** The user with this address and password, unless he is disabled. Takes as long for nobody. */
export async function findByPassword({ pool }: Pick<Store, 'pool'>, email: string, password: string): Promise<KnownUser | undefined> {
  const { rows } = await pool.query<KnownUser & { password_hash: string }>(
    'SELECT id, email, name, password_hash FROM app_user WHERE email = $1 AND disabled_at IS NULL',
    [email],
  );
  const [row] = rows;
  return (await isPassword(row?.password_hash, password)) && row ? { id: row.id, email: row.email, name: row.name } : undefined;
}

export async function findUser({ pool }: Pick<Store, 'pool'>, id: string): Promise<KnownUser | undefined> {
  const { rows } = await pool.query<KnownUser>(
    'SELECT id, COALESCE(email, login) AS email, name FROM app_user WHERE id = $1 AND disabled_at IS NULL',
    [id],
  );
  return rows[0];
}

/** Asked for an address that an invitation names, by who holds the invitation. */
export async function hasAccount(pool: Pool, email: string): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT FROM app_user WHERE email = $1', [email]);
  return rowCount === 1;
}

const maxFailures = 10;
const pause = "interval '15 minutes'";

/**
 * Takes a code of the user's authenticator, or one of his recovery codes: each once. After ten wrong ones in a row no more are looked at for a quarter of an hour; they
 * are counted before they are looked at, so that many at once do not slip through. Only who has the password comes this far.
 */
export async function takeSecondFactor({ pool, keys }: Store, userId: string, code: string): Promise<'taken' | 'wrong' | 'paused'> {
  const { rows } = await pool.query<{ totp_secret: Uint8Array }>(
    `UPDATE app_user SET second_factor_failed_at = now(),
       second_factor_failures = CASE WHEN second_factor_failed_at > now() - ${pause} THEN second_factor_failures + 1 ELSE 1 END
     WHERE id = $1 AND disabled_at IS NULL AND (second_factor_failures < ${maxFailures} OR second_factor_failed_at <= now() - ${pause}) RETURNING totp_secret`,
    [userId],
  );
  const [row] = rows;
  if (!row) return 'paused';
  const isGood = (await takeTotp({ pool, keys }, userId, row.totp_secret, code)) || (await takeRecoveryCode({ pool, keys }, userId, code));
  if (!isGood) return 'wrong';
  await pool.query('UPDATE app_user SET second_factor_failures = 0 WHERE id = $1', [userId]);
  return 'taken';
}

async function takeTotp({ pool, keys }: Store, userId: string, sealed: Uint8Array, typed: string): Promise<boolean> {
  const step = totpStep(await keys.open(sealed, totpContext(userId)), typed.replaceAll(/\s/g, ''));
  if (step === undefined) return false;
  const { rowCount } = await pool.query('UPDATE app_user SET totp_step = $2 WHERE id = $1 AND totp_step < $2', [userId, step]);
  return rowCount === 1;
}

async function takeRecoveryCode({ pool, keys }: Store, userId: string, typed: string): Promise<boolean> {
  const hmac = recoveryCodeHmac(keys, typed);
  if (hmac === undefined) return false;
  const { rowCount } = await pool.query('UPDATE recovery_code SET used_at = now() WHERE user_id = $1 AND hmac = $2 AND used_at IS NULL', [
    userId,
    hmac,
  ]);
  return rowCount === 1;
}

/** What a user belongs to, the longest first, and suspended tenants last. A session, and a token, is of the first. */
export async function membershipsOf(pool: Pool, userId: string): Promise<Membership[]> {
  const { rows } = await pool.query<{ tenant_id: string; tenant: string; roles: string[]; is_suspended: boolean }>(
    'SELECT m.tenant_id, t.name AS tenant, m.roles, t.suspended_at IS NOT NULL AS is_suspended FROM membership m JOIN tenant t ON t.id = m.tenant_id WHERE m.user_id = $1 AND m.disabled_at IS NULL ORDER BY t.suspended_at IS NOT NULL, m.created_at, m.tenant_id',
    [userId],
  );
  return rows.map(({ tenant_id: tenantId, tenant, roles, is_suspended: isSuspended }) => ({ tenantId, tenant, roles, isSuspended }));
}
