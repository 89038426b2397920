import { rightsOf } from '@stoa/generated/permissions.ts';
import type { Right } from '@stoa/generated/permissions.ts';
import { forbidden } from '../errors.ts';
import type { TeamRights } from './team-rights.ts';
import type { TenantStanding } from './tenant-standings.ts';

/** `issuerId` is the token that a browser session comes from, or the token itself. */
export type OperatorPrincipal = {
  kind: 'operator';
  tenantId: string;
  tenant?: TenantStanding;
  tokenId: string;
  issuerId: string;
  /** Who is signed in; undefined for what a token does. */
  userId: string | undefined;
  /** Who minted the token: he has seen its secret. */
  mintedBy?: { readonly user?: string | undefined; readonly token?: string | undefined };
  /** Whether it is a service account, and so nobody who decides for a second time. */
  isMachine?: boolean;
  name: string;
  roles: readonly string[];
  /** Narrow what the roles give, unless they are `*`. */
  scopes: readonly string[];
  /** What the roles give, as far as the scopes of the credential let it. */
  rights: ReadonlySet<Right>;
  /** What a person may do besides with what his teams own. */
  teams?: readonly TeamRights[];
  via: 'bearer' | 'session';
  expiresAt: Date | undefined;
  /** Whether it is a token that the person made for his programs, and not a sign-in. */
  isPersonalToken?: boolean;
  /** Set until its first use is recorded. */
  isUnused?: boolean;
};
export type GatewayKeyPrincipal = {
  kind: 'gateway_key';
  tenantId: string;
  tenant?: TenantStanding;
  keyId: string;
  /** That owns the key, and so the gateways that register with it. */
  team?: string | undefined;
  /** Whether a role in the team minted it: it is good for no gateway of another team, or of none. */
  teamOnly?: boolean;
  environments: string[];
  modes: string[];
  instanceName: string | undefined;
  /** Set until its first use is recorded. */
  isUnused?: boolean;
};
export type Principal = OperatorPrincipal | GatewayKeyPrincipal;

/** Who sends an access token that an issuer made for him. No row stands for such a token: by its digest it is told from others, and nothing is issued by it. */
export function holderOf(digest: Buffer, holder: Pick<OperatorPrincipal, 'tenantId' | 'userId' | 'name' | 'roles' | 'expiresAt'>): OperatorPrincipal {
  const tokenId = digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { kind: 'operator', ...holder, tokenId, issuerId: tokenId, scopes: ['*'], rights: rightsOf(holder.roles), via: 'bearer' };
}

/** What a gateway key must be good for. */
export type Scope = { environment: string; gateway_mode: string; instance_name: string };

/** Refuses, with 403, a gateway that is of another team than a key which is good for those of its team alone. */
export function requireTeamOfKey({ team, teamOnly }: GatewayKeyPrincipal, gateway: { instance_name: string; team: string | null }): void {
  if (teamOnly !== true || gateway.team === team) return;
  throw forbidden(
    `The instance ${gateway.instance_name} is not of the team ${team}, and this gateway key was minted by a role in that team. Use another name, or a key that a role in the tenant mints.`,
  );
}

/** Refuses, with 403 and the reason, what lies outside a gateway key's scope. */
export function requireScope(principal: GatewayKeyPrincipal, scope: Scope): void {
  const { environments, modes, instanceName } = principal;
  if (environments.length > 0 && !environments.includes(scope.environment)) {
    throw forbidden(`This gateway key is not good for the environment ${scope.environment}. Mint one that is.`);
  }
  if (modes.length > 0 && !modes.includes(scope.gateway_mode)) {
    throw forbidden(`This gateway key is not good for the mode ${scope.gateway_mode}. Mint one that is.`);
  }
  if (instanceName !== undefined && instanceName !== scope.instance_name) {
    throw forbidden(`This gateway key is not good for the instance ${scope.instance_name}. Mint one that is.`);
  }
}
