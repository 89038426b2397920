import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { conflict, unprocessable } from '../errors.ts';

/**
 * What a plan can demand: limits, which are counted for each subscriber. The other kinds describe an API whoever calls it, or work before it is known who
 * calls.
 */
const limiting: ReadonlySet<PolicySpec['kind']> = new Set(['rate_limit', 'quota']);

type Parts = { api_ids?: readonly string[] | undefined; policy_ids?: readonly string[] | undefined };

/** The ids as they are stored, each once. @throws ApiError 422 for those that the tenant does not have, and for policies that a plan cannot demand */
export async function requireParts(tx: Prisma.TransactionClient, tenantId: string, parts: Parts): Promise<{ apiIds: string[]; policyIds: string[] }> {
  const [apiIds, policyIds] = [distinct(parts.api_ids), distinct(parts.policy_ids)];
  const apis = await tx.api.findMany({ where: { tenant_id: tenantId, id: { in: apiIds } }, select: { id: true } });
  const policies = await tx.policy.findMany({ where: { tenant_id: tenantId, id: { in: policyIds } }, select: { id: true, name: true, kind: true } });
  const kinds = new Map(policies.map((policy) => [policy.id, policy]));
  const known = new Set(apis.map(({ id }) => id));
  const faults = [
    ...faultsOf('api_ids', parts.api_ids, (id) => (known.has(id) ? undefined : 'there is no such API')),
    ...faultsOf('policy_ids', parts.policy_ids, (id) => {
      const policy = kinds.get(id);
      if (policy === undefined) return 'there is no such policy';
      if (isLimiting(policy.kind)) return undefined;
      return `the policy ${policy.name} is of the kind ${policy.kind}, and a plan demands only ${[...limiting].join(' and ')}, which are counted for each subscriber: attach it to the APIs`;
    }),
  ];
  if (faults.length > 0) throw unprocessable(`The plan has ${faults.length} fault${faults.length === 1 ? '' : 's'}.`, faults);
  return { apiIds, policyIds };
}

const distinct = (ids: readonly string[] = []): string[] => [...new Set(ids.map((id) => id.toLowerCase()))];
const isLimiting = (kind: string): boolean => limiting.has(kind as PolicySpec['kind']);

function faultsOf(member: string, ids: readonly string[] = [], fault: (id: string) => string | undefined): ProblemFault[] {
  return ids.flatMap((id, index) => {
    const message = fault(id.toLowerCase());
    return message === undefined ? [] : [{ pointer: `/body/${member}/${index}`, message }];
  });
}

/** @throws ApiError 409 when another plan has the name */
export async function requireFreePlanName(tx: Prisma.TransactionClient, tenantId: string, name: string): Promise<void> {
  const namesake = await tx.plan.findUnique({ where: { tenant_id_name: { tenant_id: tenantId, name } }, select: { id: true } });
  if (namesake) throw conflict(`There is a plan named ${name} already. Edit that one, or give this one another name.`, 'name_taken');
}

/** @throws ApiError 409 while a plan has the policy: without it the plan's subscribers would be without the limit */
export async function requireInNoPlan(tx: Prisma.TransactionClient, policyId: string): Promise<void> {
  const names = await plansOf(tx, policyId);
  if (names === undefined) return;
  throw conflict(`The policy limits the subscribers of ${names}. Take it out of them first.`, 'part_of_a_plan');
}

/** @throws ApiError 422 when a policy in a plan would become of a kind that no plan can demand */
export async function requireFitsPlans(tx: Prisma.TransactionClient, policyId: string, kind: PolicySpec['kind']): Promise<void> {
  if (isLimiting(kind)) return;
  const names = await plansOf(tx, policyId);
  if (names === undefined) return;
  const message = `must be ${[...limiting].join(' or ')} while the policy is part of ${names}: take it out of them first`;
  throw unprocessable('A plan cannot demand this.', [{ pointer: '/body/policy/kind', message }]);
}

const namedAtMost = 10;

async function plansOf(tx: Prisma.TransactionClient, policyId: string): Promise<string | undefined> {
  const plans = await tx.plan.findMany({
    where: { policies: { some: { policy_id: policyId } } },
    select: { name: true },
    orderBy: { name: 'asc' },
    take: namedAtMost,
  });
  if (plans.length === 0) return undefined;
  return `the plan${plans.length === 1 ? '' : 's'} ${plans.map(({ name }) => name).join(', ')}`;
}
