import type { api } from '@stoa/generated/prisma/client.ts';
import type { ApiOperation, Labels, PolicySpec, TargetSelector } from '@stoa/generated/schemas.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { openedCredentials } from '../catalog/upstream-credentials.ts';
import type { Database } from '../database/connection.ts';
import type { Catalog, CatalogApi } from './desired-items.ts';

/** Reads a tenant's catalog as of one instant: one transaction, one revision. */
export async function loadCatalog({ prisma }: Database, keys: KeyMaterial, tenantId: string): Promise<Catalog> {
  const [[clock], tenant, apis, pinned, policies, consumers, subscriptions, deployments] = await prisma.$transaction(
    [
      // The database's clock: replicas must not disagree on which keys have expired.
      prisma.$queryRaw<{ now: Date }[]>`SELECT now() AS now`,
      prisma.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { revision: true } }),
      prisma.api.findMany({ where: { tenant_id: tenantId, deployments: { some: {} } }, omit: { document: true, loss_report: true } }),
      prisma.$queryRaw<ApiRow[]>`
        SELECT r.api_id AS id, r.name, r.title, r.version, r.description, r.revision, r.upstream_url, r.upstream_auth, r.operations, a.open_to_all_consumers
        FROM api_revision r JOIN api a ON a.id = r.api_id
        WHERE a.tenant_id = ${tenantId}::uuid AND EXISTS (SELECT FROM deployment d WHERE d.api_id = r.api_id AND d.revision = r.revision)`,
      prisma.policy.findMany({ where: { tenant_id: tenantId }, include: { attachments: true } }),
      prisma.consumer.findMany({
        where: { tenant_id: tenantId },
        include: { keys: { where: { revoked_at: null }, orderBy: [{ created_at: 'asc' }, { id: 'asc' }] } },
      }),
      prisma.subscription.findMany({ where: { tenant_id: tenantId }, select: { id: true, api_id: true, consumer_id: true } }),
      prisma.deployment.findMany({ where: { tenant_id: tenantId }, orderBy: [{ created_at: 'asc' }, { id: 'asc' }] }),
    ],
    { isolationLevel: 'RepeatableRead' },
  );
  return {
    revision: tenant.revision,
    apis: apis.map((api) => toCatalogApi(api, keys)),
    pinned: pinned.map((api) => toCatalogApi(api, keys)),
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
    deployments: deployments.map(({ api_id, targets, revision }) => ({
      api_id,
      targets: targets as unknown as TargetSelector,
      revision: revision ?? undefined,
    })),
  };
}

type ApiRow = Omit<api, 'document' | 'loss_report' | 'tenant_id' | 'created_at' | 'updated_at' | 'revised_at' | 'given_upstream_url'>;

function toCatalogApi(row: ApiRow, keys: KeyMaterial): CatalogApi {
  return {
    ...row,
    description: row.description ?? undefined,
    // Json columns hold what was validated against the contract before it was stored.
    operations: row.operations as unknown as ApiOperation[],
    upstream_credentials: openedCredentials(keys, row.id, row.upstream_auth),
  };
}
