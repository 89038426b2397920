import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Deployment, PublicPath, TargetSelector } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { hasRevision } from '../catalog/revisions.ts';
import { conflict, unprocessable } from '../errors.ts';

/** @throws ApiError 422 for targets without a criterion: they would choose every gateway by oversight */
export function requireCriterion(targets: TargetSelector): void {
  if (Object.entries(targets).some(([criterion, value]) => criterion !== 'labels' || Object.keys(value).length > 0)) return;
  throw unprocessable('The targets name no criterion.', [
    { pointer: '/body/targets', message: 'must name at least one instance, mode, environment or label' },
  ]);
}

/** @throws ApiError 422 where it says what becomes of a prefix that there is none of: its writer believes that there is */
export function requirePrefixToStrip(publicPath: PublicPath | null | undefined): void {
  if (publicPath?.strip === undefined || publicPath.prefix !== undefined) return;
  throw unprocessable('There is no prefix to strip or to keep.', [
    { pointer: '/body/public_path/strip', message: 'says something of the prefix, and needs one' },
  ]);
}

/** The pinned revision as it is stored, null for the newest. @throws ApiError 422 when the API has no such revision */
export async function pinOf(
  tx: Prisma.TransactionClient,
  api: { id: string; revision: number },
  wanted: Deployment['revision'] | undefined,
): Promise<number | null> {
  if (wanted === undefined || wanted === 'newest') return null;
  if (await hasRevision(tx, api, wanted)) return wanted;
  throw unprocessable('The API has no such revision.', [
    {
      pointer: '/body/revision',
      message: `there is no revision ${wanted} of this API; the newest is ${api.revision}, and its page lists the others`,
    },
  ]);
}

/** @throws ApiError 409 when another deployment of the API has the same targets */
export async function requireOtherTargets(tx: Prisma.TransactionClient, apiId: string, deploymentId: string, targets: TargetSelector): Promise<void> {
  const others = await tx.deployment.findMany({
    where: { api_id: apiId, id: { not: deploymentId } },
    select: { id: true, name: true, targets: true, revision: true },
  });
  const same = others.find((other) => canonicalJson(other.targets) === canonicalJson(targets));
  if (!same) return;
  const { id, name, revision } = same;
  const way =
    revision === null
      ? 'It follows the newest revision: an update of the API is served there without a deployment'
      : `It is pinned to revision ${revision}`;
  throw conflict(
    `The API is deployed to these targets already, by the deployment ${name} (${id}). ${way}. Its \`revision\`, \`public_path\` and \`drift\` are changed by PATCH /v1/deployments/${id}; another deployment would take its place on the gateways that both choose.`,
    'already_deployed',
  );
}
