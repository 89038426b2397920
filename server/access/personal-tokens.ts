import { permissions } from '@stoa/generated/permissions.ts';
import type { operator_token, Prisma } from '@stoa/generated/prisma/client.ts';
import type { PersonalToken, PersonalTokenRequest } from '@stoa/generated/schemas.ts';
import { ApiError, conflict, invalid } from '../errors.ts';
import { present, toTimestamp } from '../operations/wire.ts';
import { requireAll } from './grant.ts';
import { toOperatorToken } from './key-rows.ts';
import type { OperatorPrincipal } from './principal.ts';

type Tx = Prisma.TransactionClient;

const maxTokens = 100;
const defaultDays = 90;
const maxDays = 366;

export const ofPerson = ({ tenantId, userId }: OperatorPrincipal) => ({ tenant_id: tenantId, user_id: userId ?? '', kind: 'token' });

export function toPersonalToken(row: operator_token): PersonalToken {
  const { token_id, name, hint, state, created_at, scopes, revoked_at, last_used_at } = toOperatorToken(row);
  // None is made without an end.
  const expires_at = toTimestamp(row.expires_at ?? new Date(0));
  return { token_id, name, hint, state, created_at, expires_at, ...present({ scopes, revoked_at, last_used_at }) };
}

/** The scopes of a token that a person makes for himself: permissions that he has, in the tenant or in a team. @throws ApiError 400 for what is none, 403 for what he lacks */
export function scopesFor({ scopes }: Pick<PersonalTokenRequest, 'scopes'>, by: OperatorPrincipal): string[] {
  if (by.isPersonalToken === true)
    throw new ApiError(403, 'A personal access token makes no other: sign in, and make one then.', { code: 'sign_in_needed' });
  if (scopes === undefined) return ['*'];
  const faults = scopes.flatMap((scope, index) =>
    Object.hasOwn(permissions, scope)
      ? []
      : [{ pointer: `/body/scopes/${index}`, message: `is no permission; those are ${Object.keys(permissions).join(', ')}` }],
  );
  if (faults.length > 0) throw invalid(faults);
  const rights = new Set([...by.rights, ...(by.teams ?? []).flatMap((team) => [...team.rights])]);
  requireAll(new Set(scopes), { rights }, 'A token cannot do more than who makes it');
  return scopes;
}

/** When a token ends, by the clock of the database. @throws ApiError 400 for a time that is past, or too far away */
export async function endOf(tx: Tx, { expires_at: given }: Pick<PersonalTokenRequest, 'expires_at'>): Promise<Date> {
  const [times] = await tx.$queryRaw<[{ now: Date; after: Date; latest: Date }]>`
    SELECT now(), now() + make_interval(days => ${defaultDays}::int) AS after, now() + make_interval(days => ${maxDays}::int) AS latest`;
  if (given === undefined) return times.after;
  const end = new Date(given);
  const fault = end <= times.now ? 'must be in the future' : end > times.latest ? `must be within ${maxDays} days` : undefined;
  if (fault !== undefined) throw invalid([{ pointer: '/body/expires_at', message: fault }]);
  return end;
}

/** @throws ApiError 409 for who has as many as one may have */
export async function requireFewTokens(tx: Tx, by: OperatorPrincipal): Promise<void> {
  const good = await tx.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int AS count FROM operator_token
    WHERE tenant_id = ${by.tenantId}::uuid AND user_id = ${by.userId}::uuid AND kind = 'token' AND revoked_at IS NULL AND expires_at > now()`;
  if (good[0].count >= maxTokens) throw conflict(`You have ${maxTokens} good tokens, which is the most: revoke some.`, 'too_many_tokens');
}
