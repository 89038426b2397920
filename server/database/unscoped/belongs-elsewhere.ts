import type { Pool } from 'pg';

/** Whether a person belongs to another tenant as well, one that keeps him out for now included. */
export async function belongsElsewhere({ pool }: { pool: Pool }, userId: string, tenantId: string): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT FROM membership WHERE user_id = $1::uuid AND tenant_id <> $2::uuid LIMIT 1', [userId, tenantId]);
  return rowCount === 1;
}
