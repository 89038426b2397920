import type { OperationId } from '@stoa/generated/operations.ts';
import { accessOf, rightsOf } from '@stoa/generated/permissions.ts';
import type { Right } from '@stoa/generated/permissions.ts';

/** A role in a team counts for these permissions alone: those of what teams own, and of what belongs to that. */
const areas: readonly string[] = ['apis', 'mcp-servers', 'deployments', 'subscriptions', 'consumers', 'consumer-keys', 'gateway-keys', 'gateways'];

/** What somebody may do with what a team owns. */
export type TeamRights = { readonly team: string; readonly roles: readonly string[]; readonly rights: ReadonlySet<Right> };
type Membership = { team: string; roles: readonly string[] };
export const teamRightsOf = ({ team, roles }: Membership, scopes: readonly string[]): TeamRights => ({
  team,
  roles,
  rights: rightsOf(roles, scopes),
});

export const areaOf = (access: string): string => access.slice(0, access.indexOf('.'));
export const isOwned = (access: string): boolean => areas.includes(areaOf(access));

/** In which teams somebody may do what an operation asks for. */
export function teamsFor({ teams = [] }: { teams?: readonly TeamRights[] }, id: OperationId): string[] {
  const access = accessOf(id);
  return isOwned(access) ? teams.filter(({ rights }) => (rights as ReadonlySet<string>).has(access)).map(({ team }) => team) : [];
}
