import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { TenantLimits } from '@stoa/generated/schemas.ts';
import { isGood } from '../access/key-rows.ts';
import { ApiError } from '../errors.ts';
import { lockOwnTenant } from './tenant-rows.ts';

type Counted = { table: string; what: string; condition?: string };

/** What is counted for each limit of objects. */
const counted = {
  apis: { table: 'api', what: 'APIs' },
  policies: { table: 'policy', what: 'policies' },
  consumers: { table: 'consumer', what: 'consumers' },
  consumer_keys: { table: 'consumer_key', what: 'good keys of consumers', condition: isGood },
  plans: { table: 'plan', what: 'plans' },
  mcp_servers: { table: 'mcp_server', what: 'MCP servers' },
  tool_sets: { table: 'tool_set', what: 'tool sets' },
  subscriptions: { table: 'subscription', what: 'subscriptions' },
  deployments: { table: 'deployment', what: 'deployments' },
  gateways: { table: 'gateway', what: 'gateways', condition: 'left_at IS NULL AND revoked_at IS NULL' },
  teams: { table: 'team', what: 'teams' },
  gateway_keys: { table: 'gateway_key', what: 'good gateway keys', condition: isGood },
  service_accounts: { table: 'operator_token', what: 'service accounts', condition: "kind = 'service_account'" },
  people: {
    table:
      '(SELECT tenant_id FROM membership UNION ALL SELECT tenant_id FROM invitation WHERE user_id IS NULL AND used_at IS NULL AND expires_at > now()) people',
    what: 'people and open invitations',
  },
  environments: { table: 'environment_setting', what: 'environments with settings' },
  tokens: { table: 'operator_token', what: 'good tokens', condition: `kind = 'token' AND ${isGood}` },
} as const satisfies Partial<Record<keyof TenantLimits, Counted>>;
export type ObjectLimit = keyof typeof counted;

const remedy = 'or ask whoever runs the platform to raise it';

/**
 * Lets one more thing be made, if the tenant has room for it. To be called in the transaction that makes it: where there is a limit the tenant's row is locked, so that
 * two that are made at once do not both take the last place.
 * @throws ApiError 403 that names the limit
 */
export async function requireRoom(tx: Prisma.TransactionClient, tenantId: string, limit: ObjectLimit): Promise<void> {
  const most = await mostOf(tx, tenantId, limit);
  if (most === undefined) return;
  await lockOwnTenant(tx, tenantId);
  const [found] = await tx.$queryRawUnsafe<{ count: number }[]>(`SELECT (${countSql(limit, '$1')}) AS count`, tenantId);
  if ((found?.count ?? 0) >= most) throw limitReached(limit, most);
}

async function mostOf(tx: Prisma.TransactionClient, tenantId: string, limit: ObjectLimit): Promise<number | undefined> {
  const [found] = await tx.$queryRaw<{ most: number | null }[]>`SELECT (limits->>${limit})::int AS most FROM tenant WHERE id = ${tenantId}::uuid`;
  return found?.most ?? undefined;
}

/** How many things of a limit a tenant has, as SQL. */
export function countSql(limit: ObjectLimit, tenantId: string): string {
  const { table, condition = 'true' }: Counted = counted[limit];
  return `SELECT count(*)::int FROM ${table} WHERE tenant_id = ${tenantId}::uuid AND ${condition}`;
}

export const limitReached = (limit: ObjectLimit, most: number) =>
  new ApiError(403, `This tenant may have ${most} ${counted[limit].what}: its limit \`${limit}\` is reached. Remove some, ${remedy}.`, {
    code: 'limit_reached',
  });

export const tooManyRegistrations = (most: number, retryAfterS: number) =>
  new ApiError(
    429,
    `This tenant may register ${most} gateways a minute: its limit \`registrations_per_minute\` is reached. Come back after the time given, ${remedy}.`,
    { code: 'limit_reached', retryAfterS },
  );
