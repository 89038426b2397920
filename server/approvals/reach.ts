import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { PolicyAttachment, TargetSelector } from '@stoa/generated/schemas.ts';

/** The environments that a change takes effect in; `all` where it names none. */
export type Reach = readonly string[] | 'all';

/** Reads for one tenant. */
export type TenantReading = { tx: Prisma.TransactionClient; tenantId: string };

export const together = (...reaches: readonly Reach[]): Reach => (reaches.includes('all') ? 'all' : [...new Set(reaches.flat())]);

export const reachOfTargets = (targets: unknown): Reach => (targets as TargetSelector).environments ?? 'all';

/** Wherever one of some APIs is deployed. */
export async function reachOfApis({ tx, tenantId }: TenantReading, ids: readonly string[]): Promise<Reach> {
  const rows = await tx.deployment.findMany({ where: { tenant_id: tenantId, api_id: { in: [...ids] } }, select: { targets: true } });
  return together(...rows.map(({ targets }) => reachOfTargets(targets)));
}

/** Where a policy guards by its attachments. */
export async function reachOfAttachments(reading: TenantReading, attachments: readonly PolicyAttachment[]): Promise<Reach> {
  const named = attachments.flatMap(({ environment }) => environment ?? []);
  const apis = attachments.flatMap(({ api_id: id, environment }) => (environment === undefined && id !== undefined ? [id] : []));
  const servers = attachments.flatMap(({ mcp_server_id: id, environment }) => (environment === undefined && id !== undefined ? [id] : []));
  return together(named, await reachOfApis(reading, apis), await reachOfMcpServers(reading, servers));
}

/** Wherever one of some MCP servers is served. */
async function reachOfMcpServers({ tx, tenantId }: TenantReading, ids: readonly string[]): Promise<Reach> {
  const rows = await tx.mcp_server.findMany({ where: { tenant_id: tenantId, id: { in: [...ids] } }, select: { targets: true } });
  return together(...rows.map(({ targets }) => reachOfTargets(targets)));
}

/** Wherever an MCP server is served, or shall be; nowhere when it is not there, which is told at once. */
export async function reachOfMcpServer({ tx, tenantId }: TenantReading, id: string, ...more: readonly Reach[]): Promise<Reach> {
  const server = await tx.mcp_server.findFirst({ where: { id, tenant_id: tenantId }, select: { targets: true } });
  return server ? together(reachOfTargets(server.targets), ...more) : [];
}

/** Where a policy guards, by its attachments and by the plans that it is part of. */
export async function reachOfPolicy(reading: TenantReading, id: string): Promise<Reach> {
  const { tx, tenantId } = reading;
  const policy = await tx.policy.findFirst({
    where: { id, tenant_id: tenantId },
    select: {
      attachments: { select: { api_id: true, mcp_server_id: true, environment: true } },
      plans: { select: { plan: { select: { apis: { select: { api_id: true } } } } } },
    },
  });
  if (!policy) return [];
  const attachments = policy.attachments.map(({ api_id, mcp_server_id, environment }) => ({
    ...(api_id === null ? {} : { api_id }),
    ...(mcp_server_id === null ? {} : { mcp_server_id }),
    ...(environment === null ? {} : { environment }),
  }));
  const apis = policy.plans.flatMap(({ plan }) => plan.apis.map(({ api_id: api }) => api));
  return together(await reachOfAttachments(reading, attachments), await reachOfApis(reading, apis));
}

export async function reachOfPlan(reading: TenantReading, id: string, more: readonly string[] = []): Promise<Reach> {
  const { tx, tenantId } = reading;
  const apis = await tx.plan_api.findMany({ where: { plan_id: id, tenant_id: tenantId }, select: { api_id: true } });
  return reachOfApis(reading, [...apis.map(({ api_id: api }) => api), ...more]);
}

export async function reachOfDeployment({ tx, tenantId }: TenantReading, id: string, ...more: readonly Reach[]): Promise<Reach> {
  const deployment = await tx.deployment.findFirst({ where: { id, tenant_id: tenantId }, select: { targets: true } });
  // What is not there is told so, at once.
  return deployment ? together(reachOfTargets(deployment.targets), ...more) : [];
}

/** Where a gateway key is good. */
export async function reachOfGatewayKey({ tx, tenantId }: TenantReading, id: string): Promise<Reach> {
  const key = await tx.gateway_key.findFirst({ where: { id, tenant_id: tenantId }, select: { environments: true } });
  return key?.environments.length === 0 ? 'all' : (key?.environments ?? []);
}

/** Where a consumer may call anything. */
export async function reachOfConsumer(reading: TenantReading, id: string): Promise<Reach> {
  const { tx, tenantId } = reading;
  const consumer = await tx.consumer.findFirst({
    where: { id, tenant_id: tenantId },
    select: { subscriptions: { select: { api_id: true, mcp_server_id: true, plan: { select: { apis: { select: { api_id: true } } } } } } },
  });
  if (!consumer) return [];
  const subscribed = consumer.subscriptions.flatMap(({ api_id: api, plan }) => [
    ...(api === null ? [] : [api]),
    ...(plan?.apis ?? []).map((each) => each.api_id),
  ]);
  const servers = consumer.subscriptions.flatMap(({ mcp_server_id: server }) => server ?? []);
  return together(await reachOfApis(reading, subscribed), await reachOfMcpServers(reading, servers), await reachOfOpenApis(reading));
}

/** Where whoever is a consumer may call something. */
export async function reachOfOpenApis(reading: TenantReading): Promise<Reach> {
  const { tx, tenantId } = reading;
  const open = await tx.api.findMany({ where: { tenant_id: tenantId, open_to_all_consumers: true }, select: { id: true } });
  const servers = await tx.mcp_server.findMany({ where: { tenant_id: tenantId, subscription_required: false }, select: { targets: true } });
  const apis = open.map((api) => api.id);
  return together(await reachOfApis(reading, apis), ...servers.map(({ targets }) => reachOfTargets(targets)));
}
