import { rightsOf } from '@stoa/generated/permissions.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { User, UserPatch } from '@stoa/generated/schemas.ts';
import { requireAll } from '../access/grant.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import { makerOf, makersOf } from '../audit/actor.ts';
import { about, conflict, notFound } from '../errors.ts';
import { toTimestamp } from '../operations/wire.ts';
import { lockOwnTenant } from '../tenants/tenant-rows.ts';

const withUser = { user: { select: { name: true, email: true, login: true, issuer: true, disabled_at: true } } } as const;
export type MemberRow = Prisma.membershipGetPayload<{ include: typeof withUser }>;
type Tx = Prisma.TransactionClient;
type Who = { tenantId: string; userId: string };

export const toUser = ({ user, user_id, roles, created_at, disabled_at, created_by, updated_by }: MemberRow): User => ({
  user_id,
  name: user.name,
  email: user.email ?? user.login ?? '',
  // Stored only after the contract's enum was checked.
  roles: roles as User['roles'],
  state: (disabled_at ?? user.disabled_at) ? 'disabled' : 'active',
  issuer: user.issuer === null ? 'embedded' : 'external',
  joined_at: toTimestamp(created_at),
  ...makersOf({ created_by, updated_by }),
});

/** What the audit calls a member. */
const objectOf = ({ user_id: id, user }: MemberRow) => ({ kind: 'user' as const, id, name: user.name });

/** What others can edit of a member. */
export const editableOf = ({ roles, state }: User) => ({ roles, state });

export async function findMember(tx: Tx, { tenantId, userId }: Who): Promise<MemberRow> {
  const member = await tx.membership.findUnique({ where: { user_id_tenant_id: { user_id: userId, tenant_id: tenantId } }, include: withUser });
  if (!member) throw notFound('user');
  return member;
}

export const listMembers = (
  tx: Tx,
  {
    tenantId,
    search,
    after,
    take,
  }: { tenantId: string; search: Prisma.app_userWhereInput; after: { created_at: Date; id: string } | undefined; take: number },
): Promise<MemberRow[]> =>
  tx.membership.findMany({
    where: {
      tenant_id: tenantId,
      user: search,
      ...(after && { OR: [{ created_at: { gt: after.created_at } }, { created_at: after.created_at, user_id: { gt: after.id } }] }),
    },
    include: withUser,
    orderBy: [{ created_at: 'asc' }, { user_id: 'asc' }],
    take,
  });

/**
 * The member to change, once nobody else changes members of the tenant: of two owners who remove each other at once, one stays. By the roles of whoever changes, not by the
 * scopes of his token: one that keeps leavers out has the right to that and to nothing else.
 */
export async function lockMember(tx: Tx, who: Who, by: OperatorPrincipal): Promise<MemberRow> {
  await lockOwnTenant(tx, who.tenantId);
  const member = await findMember(tx, who);
  about(objectOf(member), () => requireAll(rightsOf(member.roles), { rights: rightsOf(by.roles) }, 'Who may do more than you is changed by others'));
  return member;
}

/** All roles of a member: in the tenant, and in any team. */
export async function rolesWithThoseOfTeams(tx: Tx, { user_id, tenant_id, roles }: MemberRow): Promise<string[]> {
  const inTeams = await tx.team_member.findMany({ where: { user_id, tenant_id }, select: { roles: true } });
  return [...new Set([...roles, ...inTeams.flatMap((team) => team.roles)])];
}

/** @throws ApiError 409 when the tenant would be without an owner who can sign in, or the issuer decides what is asked */
export async function changeMember(tx: Tx, member: MemberRow, { roles, state }: UserPatch, by: OperatorPrincipal): Promise<MemberRow> {
  if (roles !== undefined) {
    if (member.user.issuer !== null) throw issuerDecides();
    about(objectOf(member), () => requireAll(rightsOf(roles), by, 'Who is given roles cannot do more than who gives them'));
  }
  const isOwnerStill = (roles ?? member.roles).includes('owner') && state !== 'disabled';
  if (!isOwnerStill) await requireAnotherOwner(tx, member);
  const { user_id, tenant_id } = member;
  if (state === 'disabled') await endAccess(tx, member);
  return tx.membership.update({
    where: { user_id_tenant_id: { user_id, tenant_id } },
    data: {
      updated_by: makerOf(by),
      ...(roles && { roles }),
      ...(state && { disabled_at: state === 'disabled' ? (member.disabled_at ?? new Date()) : null }),
    },
    include: withUser,
  });
}

/** @throws ApiError 409 as `changeMember` */
export async function removeMember(tx: Tx, member: MemberRow): Promise<void> {
  if (member.user.issuer !== null) throw issuerDecides();
  await requireAnotherOwner(tx, member);
  await endAccess(tx, member);
  const { user_id, tenant_id } = member;
  await tx.membership.delete({ where: { user_id_tenant_id: { user_id, tenant_id } } });
}

const issuerDecides = () =>
  conflict(
    'What this person is here follows from groups at the external issuer: change them there. To keep the person out at once, send {"state": "disabled"}.',
    'external_issuer',
  );

async function requireAnotherOwner(tx: Tx, { user_id, tenant_id, roles, disabled_at }: MemberRow): Promise<void> {
  if (!roles.includes('owner') || disabled_at) return;
  const others = await tx.membership.count({
    where: { tenant_id, user_id: { not: user_id }, roles: { has: 'owner' }, disabled_at: null, user: { disabled_at: null } },
  });
  if (others === 0) throw conflict('The tenant would have no owner left: make somebody else an owner first.', 'last_owner');
}

/** Ends the sessions and the tokens of a person in a tenant, and what he let the command line do there. */
async function endAccess(tx: Tx, { user_id, tenant_id }: MemberRow): Promise<void> {
  await tx.operator_token.updateMany({
    where: { user_id, tenant_id, kind: { in: ['session', 'token'] }, revoked_at: null },
    data: { revoked_at: new Date() },
  });
  await tx.oidc_payload.deleteMany({ where: { user_id, tenant_id } });
}
