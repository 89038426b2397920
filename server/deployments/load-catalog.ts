import type { ApiOperation, Labels, PolicySpec, TargetSelector } from '@stoa/generated/schemas.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { openedCredentials } from '../catalog/upstream-credentials.ts';
import type { Database } from '../database/connection.ts';
import type { Catalog } from './desired-items.ts';

/** Reads a tenant's catalog as of one instant: one transaction, one revision. */
export async function loadCatalog({ prisma }: Database, keys: KeyMaterial, tenantId: string): Promise<Catalog> {
  const [[clock], tenant, apis, policies, consumers, subscriptions, deployments] = await prisma.$transaction(
    [
      // The database's clock: replicas must not disagree on which keys have expired.
      prisma.$queryRaw<{ now: Date }[]>`SELECT now() AS now`,
      prisma.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { revision: true } }),
      prisma.api.findMany({ where: { tenant_id: tenantId, deployments: { some: {} } }, omit: { document: true, loss_report: true } }),
      prisma.policy.findMany({ where: { tenant_id: tenantId }, include: { attachments: true } }),
      prisma.consumer.findMany({
        where: { tenant_id: tenantId },
        include: { keys: { where: { revoked_at: null }, orderBy: [{ created_at: 'asc' }, { id: 'asc' }] } },
      }),
      prisma.subscription.findMany({ where: { tenant_id: tenantId }, select: { id: true, api_id: true, consumer_id: true } }),
      prisma.deployment.findMany({ where: { tenant_id: tenantId } }),
    ],
    { isolationLevel: 'RepeatableRead' },
  );
  return {
    revision: tenant.revision,
    apis: apis.map((api) => ({
      ...api,
      description: api.description ?? undefined,
      // Json columns hold what was validated against the contract before it was stored.
      operations: api.operations as unknown as ApiOperation[],
      upstream_credentials: openedCredentials(keys, api.id, api.upstream_auth),
    })),
    policies: policies.map((policy) => ({
      id: policy.id,
      name: policy.name,
      spec: { kind: policy.kind, config: policy.config } as unknown as PolicySpec,
      api_ids: policy.attachments.flatMap((attachment) => attachment.api_id ?? []),
      environments: policy.attachments.flatMap((attachment) => attachment.environment ?? []),
    })),
    consumers: consumers.map((consumer) => ({
      id: consumer.id,
      name: consumer.name,
      labels: consumer.labels as Labels,
      keys: consumer.keys
        .filter((key) => !key.expires_at || !clock || key.expires_at > clock.now)
        .map((key) => ({
          id: key.id,
          sha256: Buffer.from(key.sha256).toString('hex'),
          expires_at: key.expires_at?.toISOString(),
          secret: () => keys.open(key.sealed, `consumer_key:${key.id}`),
        })),
    })),
    subscriptions,
    deployments: deployments.map((deployment) => ({ api_id: deployment.api_id, targets: deployment.targets as unknown as TargetSelector })),
  };
}
