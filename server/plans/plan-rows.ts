import type { plan } from '@stoa/generated/prisma/client.ts';
import type { Labels, Plan } from '@stoa/generated/schemas.ts';
import { makersOf } from '../audit/actor.ts';
import { present, toTimestamp } from '../operations/wire.ts';

/** What a plan is read with. */
export const withParts = {
  apis: { select: { api_id: true }, orderBy: { api_id: 'asc' } },
  policies: { select: { policy_id: true }, orderBy: { policy_id: 'asc' } },
} as const;

export type PlanRow = plan & { apis: { api_id: string }[]; policies: { policy_id: string }[]; state?: Plan['state'] };

const noApis = 'It holds no API, so that a subscription to it lets nobody call anything.';

export function toPlan(row: PlanRow): Plan {
  return {
    plan_id: row.id,
    name: row.name,
    ...present({ description: row.description }),
    api_ids: row.apis.map(({ api_id }) => api_id),
    policy_ids: row.policies.map(({ policy_id }) => policy_id),
    labels: row.labels as Labels,
    ...present({ state: row.state }),
    ...(row.apis.length === 0 ? { warnings: [noApis] } : {}),
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
    ...makersOf(row),
  };
}
