import type { gateway_key, operator_token } from '@stoa/generated/prisma/client.ts';
import type { CredentialState, GatewayKey, OperatorToken } from '@stoa/generated/schemas.ts';
import { makersOf } from '../audit/actor.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';

/** What a credential is that is good, as SQL, by the database's clock. */
export const isGood = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())';

type Ends = { expires_at: Date | null; revoked_at: Date | null };

/** By this server's clock, unless another is given: what decides is the database's, when the credential is used. */
export function stateOf({ expires_at: expiresAt, revoked_at: revokedAt }: Ends, now = Date.now()): CredentialState {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt.getTime() <= now ? 'expired' : 'valid';
}

export function toGatewayKey(row: gateway_key): GatewayKey {
  return {
    key_id: row.id,
    name: row.name,
    environments: row.environments,
    // Stored only after the contract's enum was checked.
    modes: row.modes as GatewayKey['modes'],
    hint: row.hint,
    state: stateOf(row),
    created_at: toTimestamp(row.created_at),
    ...present({
      team: row.team,
      instance_name: row.instance_name,
      expires_at: optionalTimestamp(row.expires_at),
      revoked_at: optionalTimestamp(row.revoked_at),
      last_used_at: optionalTimestamp(row.last_used_at),
    }),
    ...makersOf(row),
  };
}

export function toOperatorToken(row: operator_token): OperatorToken {
  return {
    token_id: row.id,
    name: row.name,
    // Stored only after the contract's enum was checked.
    role: (row.roles[0] ?? 'viewer') as OperatorToken['role'],
    roles: row.roles as OperatorToken['roles'],
    kind: row.user_id === null ? 'service_account' : 'personal',
    hint: row.hint,
    state: stateOf(row),
    created_at: toTimestamp(row.created_at),
    ...present({
      scopes: row.scopes.includes('*') ? undefined : row.scopes,
      expires_at: optionalTimestamp(row.expires_at),
      revoked_at: optionalTimestamp(row.revoked_at),
      last_used_at: optionalTimestamp(row.last_used_at),
    }),
    ...makersOf(row),
  };
}
