import type { deployment, Prisma } from '@stoa/generated/prisma/client.ts';
import type { TargetSelector } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { ApiError, unprocessable } from '../errors.ts';

type Source = Pick<deployment, 'id' | 'api_id' | 'targets'> & { api: { revision: number } };
export type PromotionPath = { from: string; to: string; targets: TargetSelector };

/** From where to where a deployment is promoted, and with which targets. @throws ApiError 422 unless its targets are one environment's */
export function requirePromotable({ targets }: Source, to: string): PromotionPath {
  // Stored only after the contract's schema was checked.
  const { environments = [], ...rest } = targets as TargetSelector;
  const [from] = environments;
  if (from === undefined || environments.length > 1)
    throw unprocessable(
      `A deployment of one environment is promoted, and this one ${from === undefined ? 'is of all' : `is of ${environments.join(', ')}`}. Make one of a single environment, and promote that.`,
    );
  if (rest.instance_names !== undefined)
    throw unprocessable(
      'It targets instances by their names, which are those of its own environment. Target them by mode or label, and promote that.',
    );
  if (from === to) throw unprocessable('It is deployed there.', [{ pointer: '/body/environment', message: `must be another than ${from}` }]);
  return { from, to, targets: { ...rest, environments: [to] } };
}

/**
 * The deployment of the API with just these targets, if there is one. @throws ApiError 409 that names each other one that exposes another revision to
 * gateways of theirs: of two revisions a gateway is given one
 */
export async function requireNoConflict(
  tx: Prisma.TransactionClient,
  { id, api_id: apiId, api }: Source,
  { targets, revision }: { targets: TargetSelector; revision: number },
): Promise<deployment | undefined> {
  const others = await tx.deployment.findMany({ where: { api_id: apiId, id: { not: id } }, orderBy: { name: 'asc' } });
  const existing = others.find((other) => canonicalJson(other.targets) === canonicalJson(targets));
  const rivals = others.filter(
    (other) => other !== existing && mayMeet(other.targets as TargetSelector, targets) && (other.revision ?? api.revision) !== revision,
  );
  if (rivals.length === 0) return existing;
  const errors = rivals.map(({ name, revision: pin }) => ({
    pointer: '/body/environment',
    message: `the deployment ${name} exposes ${pin === null ? `the newest revision, ${api.revision},` : `revision ${pin}`} there: end it, pin it to ${revision}, or give it other targets`,
  }));
  throw new ApiError(409, `Revision ${revision} would meet another one of the same API there.`, { code: 'other_revision_there', errors });
}

/** Whether some gateway could fit both. */
function mayMeet(one: TargetSelector, other: TargetSelector): boolean {
  const labels = Object.entries(one.labels ?? {});
  return (
    overlap(one.environments, other.environments) &&
    overlap(one.modes, other.modes) &&
    labels.every(([key, value]) => (other.labels?.[key] ?? value) === value)
  );
}

const overlap = (one: readonly string[] | undefined, other: readonly string[] | undefined): boolean =>
  one === undefined || other === undefined || one.some((each) => other.includes(each));
