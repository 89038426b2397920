import type { OperationId } from '@stoa/generated/operations.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { ApiPatch, ApiRequest, DeploymentPatch, DeploymentRequest } from '@stoa/generated/schemas.ts';
import { conflict, unprocessable } from '../errors.ts';
import type { ValidInput } from '../http/validate-request.ts';
import { reachOfApis, reachOfTargets } from './reach.ts';
import type { Reach } from './reach.ts';

type Demanding = { environment: string; four_eyes: string[] };

/**
 * Where a second person approves deployments, each names its revision: one that follows the newest would change without him.
 * @throws ApiError 422 for such a deployment, 409 for an update of an API that would change one, or open it by the way
 */
export async function requirePinned(
  tx: Prisma.TransactionClient,
  tenantId: string,
  demanding: readonly Demanding[],
  operation: OperationId,
  { path, body }: ValidInput,
): Promise<void> {
  const where = (demand: string): string[] =>
    demanding.filter(({ four_eyes: demands }) => demands.includes(demand)).map(({ environment }) => environment);
  if (operation === 'createDeployment' || operation === 'updateDeployment')
    return requirePin(tx, tenantId, where('deployments'), operation, path, body);
  if (operation !== 'updateApi' && operation !== 'editApi') return;
  const { api_id: apiId = '' } = path as { api_id?: string };
  const { open_to_all_consumers: opens, labels: _labels, ...revising } = body as ApiPatch & ApiRequest;
  const following = Object.keys(revising).length === 0 ? [] : await followers(tx, tenantId, apiId, where('deployments'));
  if (following.length > 0)
    throw conflict(
      `The ${following.length === 1 ? 'deployment' : 'deployments'} ${following.join(', ')} would follow, where a second person approves deployments. Pin a revision first.`,
      'follows_newest',
    );
  const isOpened = operation === 'updateApi' && (opens === true || (opens as unknown) === 'true');
  if (isOpened && meets(await reachOfApis({ tx, tenantId }, [apiId]), where('policies')).length > 0)
    throw conflict(
      'To open an API to all consumers waits for a second person where it is deployed: send open_to_all_consumers alone, by PATCH.',
      'opened_by_the_way',
    );
}

const meets = (reach: Reach, environments: readonly string[]): string[] => environments.filter((each) => reach === 'all' || reach.includes(each));

async function requirePin(
  tx: Prisma.TransactionClient,
  tenantId: string,
  environments: readonly string[],
  operation: 'createDeployment' | 'updateDeployment',
  path: unknown,
  body: unknown,
): Promise<void> {
  const { targets, revision } = body as DeploymentRequest & DeploymentPatch;
  const { deployment_id: id = '' } = path as { deployment_id?: string };
  const present = operation === 'updateDeployment' ? await tx.deployment.findFirst({ where: { id, tenant_id: tenantId } }) : undefined;
  if (present === null) return;
  const isPinned = revision === undefined ? (present?.revision ?? null) !== null : revision !== 'newest';
  const [where] = meets(reachOfTargets(targets ?? present?.targets), environments);
  if (isPinned || where === undefined) return;
  const message = `must be a number: in ${where} a second person approves deployments, and the newest would change without him`;
  throw unprocessable('The deployment names no revision.', [{ pointer: '/body/revision', message }]);
}

async function followers(tx: Prisma.TransactionClient, tenantId: string, apiId: string, environments: readonly string[]): Promise<string[]> {
  if (environments.length === 0) return [];
  const rows = await tx.deployment.findMany({
    where: { tenant_id: tenantId, api_id: apiId, revision: null },
    select: { name: true, targets: true },
    orderBy: { name: 'asc' },
  });
  return rows.filter(({ targets }) => meets(reachOfTargets(targets), environments).length > 0).map(({ name }) => name);
}
