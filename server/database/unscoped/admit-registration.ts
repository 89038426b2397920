import type { Pool } from 'pg';
import type { TenantLimits } from '@stoa/generated/schemas.ts';
import { countSql, limitReached, tooManyRegistrations } from '../../tenants/limits.ts';

type Asked = { tenantId: string; environment: string; instanceName: string };
type Found = { registered: number; retry_after_s: number; gateways: number; is_known: boolean };

/**
 * Holds a registration against the limits of its tenant. A tenant without any, as most are, is asked nothing and waits for nothing.
 * @throws ApiError 403 or 429 that names the limit
 */
export async function admitRegistration(
  { pool }: { pool: Pool },
  limits: TenantLimits,
  { tenantId, environment, instanceName }: Asked,
): Promise<void> {
  const { gateways, registrations_per_minute: perMinute } = limits;
  if (gateways === undefined && perMinute === undefined) return;
  const { rows } = await pool.query<Found>(
    `WITH counted AS (
       INSERT INTO registration_minute AS m (tenant_id, minute, count) VALUES ($1, date_trunc('minute', now()), 1)
       ON CONFLICT (tenant_id) DO UPDATE SET minute = excluded.minute, count = CASE WHEN m.minute = excluded.minute THEN m.count + 1 ELSE 1 END RETURNING count)
     SELECT (SELECT count FROM counted) AS registered, ceil(60 - extract(second FROM now()))::int AS retry_after_s, (${countSql('gateways', '$1')}) AS gateways,
       EXISTS (SELECT FROM gateway WHERE tenant_id = $1 AND environment = $2 AND instance_name = $3 AND left_at IS NULL) AS is_known`,
    [tenantId, environment, instanceName],
  );
  const found = rows[0] as Found;
  if (perMinute !== undefined && found.registered > perMinute) throw tooManyRegistrations(perMinute, found.retry_after_s);
  if (gateways !== undefined && !found.is_known && found.gateways >= gateways) throw limitReached('gateways', gateways);
}
