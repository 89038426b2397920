import type { Pool } from 'pg';

/** Of these, those who belong to no tenant any more. Whom an external issuer vouches for comes back as soon as it does again. */
export async function forgetUsers({ pool }: { pool: Pool }, ids: readonly string[]): Promise<void> {
  await pool.query('DELETE FROM app_user u WHERE id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT FROM membership m WHERE m.user_id = u.id)', [ids]);
}
