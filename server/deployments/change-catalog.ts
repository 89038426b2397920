import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { RequestContext } from '../context.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import { inRehearsal } from '../tenants/rehearsal.ts';
import { bumpTenant } from './bump-tenant.ts';
import type { CatalogChange } from './bump-tenant.ts';

/**
 * Runs a change of what a tenant's gateways may be given: APIs, policies, consumers, keys, deployments. The tenant's revision is raised
 * first: its row is the lock that lets one writer at a time decide, so that a name found free stays free until it is taken. In a dry run
 * everything happens, and is undone.
 * @param changed what is made, changed or deleted: servers read that again, and nothing else
 */
export function changeCatalog<T>(
  context: Pick<RequestContext, 'db' | 'principal'>,
  tenantId: string,
  changed: CatalogChange,
  change: (tx: Prisma.TransactionClient) => Promise<T>,
  isDryRun = false,
): Promise<T> {
  return inTenant(context, (tx) =>
    inRehearsal(tx, isDryRun, async () => {
      await bumpTenant(tx, tenantId, changed);
      return change(tx);
    }),
  );
}
