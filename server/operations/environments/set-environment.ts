import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { toEnvironment } from '../../approvals/environment-rows.ts';
import { decidedByNobodyElse } from '../../approvals/other-deciders.ts';
import { reachOfTargets } from '../../approvals/reach.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { bumpTenant } from '../../deployments/bump-tenant.ts';
import { countsForDays } from '../../identity/invitations.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';
import { lockOwnTenant } from '../../tenants/tenant-rows.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';

export const setEnvironment: Handler<operations['setEnvironment'], RequestContext> = async ({ path: { environment }, headers, body }, context) => {
  const operator = requireOperator(context);
  const { tenantId } = operator;
  const where = { tenant_id_environment: { tenant_id: tenantId, environment } };
  const four_eyes = [...body.four_eyes].sort();
  const warnings: string[] = [];
  const row = await inTenant(context, async (tx) => {
    await lockOwnTenant(tx, tenantId);
    const current = await tx.environment_setting.findUnique({ where });
    if (current === null) await requireRoom(tx, tenantId, 'environments');
    const before = toEnvironment(environment, current);
    requireMatch(headers, before);
    if (four_eyes.includes('deployments')) warnings.push(...nowPinned(await pinWhatFollows(tx, tenantId, environment)));
    const set = await tx.environment_setting.upsert({ where, create: { tenant_id: tenantId, environment, four_eyes }, update: { four_eyes } });
    // By the clock that says when people joined.
    if (current?.four_eyes.length === 0 && four_eyes.length > 0)
      await tx.$executeRaw`UPDATE environment_setting SET demanding_since = now() WHERE tenant_id = ${tenantId}::uuid AND environment = ${environment}`;
    if (before.four_eyes.includes('deployments') && !four_eyes.includes('deployments'))
      warnings.push(...(await stillPinned(tx, tenantId, environment)));
    const alone = await decidedByNobodyElse(tx, operator, body.four_eyes);
    if (alone.length > 0) warnings.push(nobodyElse(environment, alone));
    await record(tx, context, { object: { kind: 'environment', name: environment }, before, after: toEnvironment(environment, set) });
    return set;
  });
  const answer = toEnvironment(environment, row);
  return { status: 200, body: { ...answer, ...(warnings.length > 0 && { warnings }) }, headers: entityTag(answer) };
};

/** What followed the newest revision stays at the present one: the next comes with a second person. Answers its names. */
async function pinWhatFollows(tx: Prisma.TransactionClient, tenantId: string, environment: string): Promise<string[]> {
  const pinned: string[] = [];
  const rows = await tx.deployment.findMany({
    where: { tenant_id: tenantId, revision: null },
    include: { api: { select: { revision: true } } },
    orderBy: { name: 'asc' },
  });
  for (const { id, name, targets, api } of rows) {
    const reach = reachOfTargets(targets);
    if (reach !== 'all' && !reach.includes(environment)) continue;
    await tx.deployment.update({ where: { id }, data: { revision: api.revision } });
    await bumpTenant(tx, tenantId, { kind: 'deployment', id });
    pinned.push(name);
  }
  return pinned;
}

const namedAtMost = 5;

function listed(names: readonly string[]): string {
  const more = names.length - namedAtMost;
  return `${names.slice(0, namedAtMost).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const nowPinned = (names: readonly string[]): string[] =>
  names.length === 0
    ? []
    : [
        `Pinned to their present revisions now, since the next comes with a second person: ${listed(names)}. An update of their APIs is served there once each is pinned to another revision, which somebody else approves.`,
      ];

const nobodyElse = (environment: string, demands: readonly string[]): string =>
  `Nobody else could approve at present what waits in ${environment} for ${demands.join(', ')}, and to demand less waits as well. Invite somebody who may (stoactl users invite): whoever joins by your link decides on what you ask for ${countsForDays} days later, or at once when somebody else invites him.`;

/** What was pinned for the sake of the demand is not unpinned with it: each would change at once. */
async function stillPinned(tx: Prisma.TransactionClient, tenantId: string, environment: string): Promise<string[]> {
  const rows = await tx.deployment.findMany({
    where: { tenant_id: tenantId, NOT: { revision: null } },
    select: { name: true, targets: true },
    orderBy: { name: 'asc' },
  });
  const names = rows.flatMap(({ name, targets }) => {
    const reach = reachOfTargets(targets);
    return reach === 'all' || reach.includes(environment) ? [name] : [];
  });
  if (names.length === 0) return [];
  return [
    `Pinned to their revisions are still: ${listed(names)}. An update of their APIs is not served there until each is pinned to another revision or follows the newest again: \`revision: newest\` by PATCH /v1/deployments/{deployment_id}, or stoactl deployments unpin NAME.`,
  ];
}
