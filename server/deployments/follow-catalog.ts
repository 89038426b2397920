import type { Pool, PoolClient } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { Concerned } from './config-waiters.ts';
import { loadCatalog } from './load-catalog.ts';
import type { Selector } from './selectors.ts';
import { classesInUse, findCandidates, lockProgress, moveGateways, putStates, setProgress } from './state-rows.ts';
import { TenantStates } from './tenant-states.ts';

export type Followed = {
  tenant: TenantStates;
  concerned: Concerned;
  /** Another server has made states of a newer catalog already. */
  isBehind: boolean;
};

const gatewaysAtOnce = 1_000;
const nilId = '00000000-0000-0000-0000-000000000000';
const pruneEveryMs = 3_600_000;

/**
 * Brings a tenant's states to the newest revision of its catalog, in memory and in the database: new hashes are new generations, and gateways that another
 * class is right for are moved. All of it is made before the database says that it is, so that nothing looks acknowledged that was not even
 * made. When this fails, `known` may be half of each revision and must be forgotten. Undefined when there is no such tenant.
 */
export async function followCatalog(pool: Pool, keys: KeyMaterial, tenantId: string, known?: TenantStates): Promise<Followed | undefined> {
  const from = known?.catalog.revision;
  const loaded = await loadCatalog(pool, keys, tenantId, known?.catalog);
  if (!loaded) return undefined;
  const { catalog, touched } = loaded;
  const tenant = known && touched ? known : new TenantStates(catalog, known?.differences);
  const changed = touched ? tenant.update(touched) : [];
  const concerned = touched ? { stateKeys: changed.map(({ key }) => key), selectors: touched.selectors } : 'everybody';
  return inTransaction(pool, async (client): Promise<Followed> => {
    const progress = await lockProgress(client, tenantId);
    const isBehind = progress > catalog.revision;
    if (isBehind) return { tenant, concerned, isBehind };
    // What is stored is what was known here before: then what changed since is all there is to write.
    const isStep = touched !== undefined && (progress === from || progress === catalog.revision);
    const isDue = progress < catalog.revision;
    if (!isStep && isDue) for (const gatewayClass of await classesInUse(client, tenantId)) tenant.stateOf(gatewayClass);
    await putStates(client, tenantId, isStep ? changed : [...tenant.states.values()]);
    if (isDue) {
      await moveThoseConcerned(client, tenantId, tenant, isStep ? touched.selectors : undefined);
      await setProgress(client, tenantId, catalog.revision);
    }
    await prune(client, tenantId, tenant);
    return { tenant, concerned, isBehind };
  });
}

async function moveThoseConcerned(client: PoolClient, tenantId: string, tenant: TenantStates, selectors: Selector[] | undefined): Promise<void> {
  if (selectors?.length === 0) return;
  for (let after = nilId; ; ) {
    const candidates = await findCandidates(client, tenantId, selectors, after, gatewaysAtOnce);
    const misplaced = candidates
      .map((gateway) => ({ gateway, state: tenant.stateFor(gateway) }))
      .filter(({ gateway, state }) => gateway.key !== state.key);
    if (misplaced.length > 0) {
      const ids = await putStates(client, tenantId, [...new Set(misplaced.map(({ state }) => state))]);
      await moveGateways(
        client,
        misplaced.map(({ gateway, state }) => ({ gatewayId: gateway.id, stateId: ids.get(state.key) ?? nilId })),
      );
    }
    const last = candidates.at(-1);
    if (!last || candidates.length < gatewaysAtOnce) return;
    after = last.id;
  }
}

/** Classes that no gateway is in any more are forgotten, once an hour. */
async function prune(client: PoolClient, tenantId: string, tenant: TenantStates): Promise<void> {
  if (performance.now() - tenant.prunedAt < pruneEveryMs) return;
  const used = new TenantStates(tenant.catalog);
  for (const gatewayClass of await classesInUse(client, tenantId)) used.stateOf(gatewayClass);
  for (const key of tenant.states.keys()) if (!used.states.has(key)) tenant.states.delete(key);
  tenant.prunedAt = performance.now();
}
