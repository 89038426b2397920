import type { approval, Prisma } from '@stoa/generated/prisma/client.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import { requireRight } from '../access/require-right.ts';
import { about, ApiError } from '../errors.ts';
import { resetCountsForDays } from '../identity/invitations.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import { recordedApproval } from './approval-rows.ts';

/** The person behind a credential: who is signed in, or who minted the token. Undefined where no person is known. */
export const personOf = ({ userId, mintedBy }: OperatorPrincipal): string | undefined => userId ?? mintedBy?.user;

/**
 * Refuses who may not decide on a change: who asked for it himself, who signs in by a link that the one who asked made, and who may not make the change. The refusal names
 * the approval.
 */
export async function requireMayDecide(tx: Prisma.TransactionClient, by: OperatorPrincipal, row: approval): Promise<void> {
  const isReset = await wasResetByRequester(tx, by, row);
  about(recordedApproval(row).object, () => {
    requireSecondPerson(by, row);
    if (isReset)
      throw new ApiError(
        403,
        `Who asked for this made the link by which you set a new password in the last ${resetCountsForDays} days, and could have used it himself: somebody else decides.`,
        { code: 'reset_by_requester' },
      );
    requireRight(by, row.operation as OperationId);
  });
}

/**
 * Whether the person who decides set a new password of late by a link that the one who asked made, himself or by a token that belongs to him. Whoever makes such a link sees
 * it, and may be the one who signs in by it.
 */
async function wasResetByRequester(tx: Prisma.TransactionClient, by: OperatorPrincipal, row: approval): Promise<boolean> {
  const person = personOf(by);
  if (person === undefined) return false;
  const found = await tx.$queryRaw<unknown[]>`
    WITH asking AS (
      SELECT ${row.user_id}::uuid AS id UNION SELECT ${row.token_id}::uuid
      UNION SELECT unnest(ARRAY[issued_by, minted_by, minted_by_user]) FROM operator_token WHERE id = ${row.token_id}::uuid)
    SELECT FROM invitation i LEFT JOIN operator_token t ON t.id = (i.created_by->>'id')::uuid
    WHERE i.tenant_id = ${row.tenant_id}::uuid AND i.user_id = ${person}::uuid AND i.used_at > now() - make_interval(days => ${resetCountsForDays}::int)
      AND EXISTS (SELECT FROM asking a WHERE a.id IN ((i.created_by->>'id')::uuid, t.minted_by, t.minted_by_user)) LIMIT 1`;
  return found.length > 0;
}

/**
 * Refuses what runs by itself: a service account, and a token that a person made for his programs. Where no person is known, as with the token of the first start, the token
 * stands for whoever holds it.
 */
const isProgram = ({ isMachine, isPersonalToken, userId, mintedBy }: OperatorPrincipal): boolean =>
  isMachine === true || isPersonalToken === true || (userId === undefined && mintedBy?.user !== undefined);

/**
 * Refuses who asked for a change himself: by any token or session of his, by a token that he minted, whose secret he has seen, or, where no person is known,
 * by the token that asked or one that it minted.
 */
function requireSecondPerson(by: OperatorPrincipal, { user_id: userId, token_id: tokenId }: Pick<approval, 'user_id' | 'token_id'>): void {
  if (isProgram(by))
    throw new ApiError(
      403,
      'A person decides here, by a session: no service account, and no token that somebody made for a program. Sign in, and decide then.',
      {
        code: 'person_needed',
      },
    );
  const isSame = [by.tokenId, by.issuerId, by.mintedBy?.token].includes(tokenId) || (userId !== null && personOf(by) === userId);
  if (isSame)
    throw new ApiError(403, 'You asked for this yourself, by this credential or one that belongs to it: a second person decides.', {
      code: 'own_request',
    });
}
