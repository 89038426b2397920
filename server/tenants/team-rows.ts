import { rightsOf } from '@stoa/generated/permissions.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Team, TeamMember } from '@stoa/generated/schemas.ts';
import { requireAll } from '../access/grant.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import { makersOf } from '../audit/actor.ts';
import { ApiError, invalid, notFound } from '../errors.ts';
import { present, toTimestamp } from '../operations/wire.ts';

type Tx = Prisma.TransactionClient;
export const withMembers = {
  include: { members: { include: { membership: { include: { user: { select: { email: true, login: true } } } } } } },
} as const;
type TeamRow = Prisma.teamGetPayload<typeof withMembers>;

export function toTeam(row: TeamRow): Team {
  const members = row.members.map(
    ({ roles, membership: { user } }): TeamMember => ({
      user: user.email ?? user.login ?? '',
      // Stored only after the contract's enum was checked.
      roles: roles as TeamMember['roles'],
    }),
  );
  return {
    name: row.name,
    ...present({ description: row.description }),
    environments: row.environments,
    members: members.sort((a, b) => (a.user < b.user ? -1 : 1)),
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
    ...makersOf(row),
  };
}

export const editableOf = ({ description, members, environments }: Team) => ({ description, members, environments });

/** @throws ApiError 404 when the tenant has no such team */
export async function requireTeam(tx: Tx, tenantId: string, name: string): Promise<TeamRow> {
  const row = await tx.team.findUnique({ where: { tenant_id_name: { tenant_id: tenantId, name } }, ...withMembers });
  if (!row) throw notFound('team');
  return row;
}

/** What a request says of the team that shall own something: nothing, none, or one that there is. @throws ApiError 400 when there is none */
export async function teamGiven(tx: Tx, tenantId: string, { team }: { team?: string | null }): Promise<{ team?: string | null }> {
  if (team === undefined) return {};
  if (team !== null && (await tx.team.count({ where: { tenant_id: tenantId, name: team } })) === 0)
    throw invalid([{ pointer: '/body/team', message: `is no team: make ${team} first` }]);
  return { team };
}

/** Holds who has a right in a team alone to the environments where its gateways may be. @throws ApiError 403 */
export async function requireOpened(
  tx: Tx,
  tenantId: string,
  { team, environments = [] }: { team?: string | null; environments?: readonly string[] },
) {
  // Nobody takes an environment from the team until the key is there to be narrowed.
  await tx.$queryRaw`SELECT FROM team WHERE tenant_id = ${tenantId}::uuid AND name = ${team ?? ''} FOR SHARE`;
  const { environments: open } = await requireTeam(tx, tenantId, team ?? '');
  if (environments.length > 0 && environments.every((environment) => open.includes(environment))) return;
  const where = open.length === 0 ? 'in no environment' : `in ${words.format(open)} alone: name one of them in \`environments\``;
  throw new ApiError(403, `A role in the team ${team} mints gateway keys ${where}. Which those are, whoever may change teams says (teams.write).`, {
    code: 'missing_permission',
  });
}
const words = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** Makes these the members of a team. @throws ApiError 400 for who does not belong to the tenant, 403 for roles beyond those of whoever gives them */
export async function setMembers(
  tx: Tx,
  { tenant_id, name }: { tenant_id: string; name: string },
  wanted: readonly TeamMember[],
  by: OperatorPrincipal,
) {
  for (const { roles } of wanted) requireAll(rightsOf(roles), by, 'Who is given roles in a team cannot do more there than who gives them');
  const users = wanted.map(({ user }) => user);
  const known = await tx.membership.findMany({
    where: { tenant_id, user: { OR: [{ email: { in: users } }, { login: { in: users } }] } },
    include: { user: { select: { email: true, login: true } } },
  });
  const ids = new Map(known.map(({ user_id, user }) => [user.email ?? user.login, user_id]));
  const faults = users.flatMap((user, index) => {
    if (users.indexOf(user) < index) return [{ pointer: `/body/members/${index}/user`, message: 'is there twice' }];
    return ids.has(user) ? [] : [{ pointer: `/body/members/${index}/user`, message: 'does not belong to the tenant: invite this person first' }];
  });
  if (faults.length > 0) throw invalid(faults);
  await tx.team_member.deleteMany({ where: { tenant_id, team: name } });
  await tx.team_member.createMany({ data: wanted.map(({ user, roles }) => ({ tenant_id, team: name, user_id: ids.get(user) ?? '', roles })) });
}
