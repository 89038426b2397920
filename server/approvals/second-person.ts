import type { approval, Prisma } from '@stoa/generated/prisma/client.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import { requireRight } from '../access/require-right.ts';
import { about, ApiError } from '../errors.ts';
import { countsForDays } from '../identity/invitations.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import { recordedApproval } from './approval-rows.ts';
import { areLinked } from './linked-people.ts';

/** The person behind a credential: who is signed in, or who minted the token. Undefined where no person is known. */
export const personOf = ({ userId, mintedBy }: OperatorPrincipal): string | undefined => userId ?? mintedBy?.user;

/**
 * Refuses who may not decide on a change: who asked for it himself, who may be the same person by another account, and who may not make the change. The refusal names
 * the approval.
 */
export async function requireMayDecide(tx: Prisma.TransactionClient, by: OperatorPrincipal, row: approval): Promise<void> {
  // No operator asked for a call: it waits for a person, whoever that is.
  if (row.demand === 'calls') return about(recordedApproval(row).object, () => requirePerson(by));
  const person = personOf(by);
  const isLinked = person !== undefined && (await areLinked(tx, person, row));
  about(recordedApproval(row).object, () => {
    requireSecondPerson(by, row);
    if (isLinked)
      throw new ApiError(
        403,
        `You or who asked for this joined, or set a new password, in the last ${countsForDays} days, by a link that the other made or that one and the same made for both: it might be one person with two accounts. Somebody else decides.`,
        { code: 'linked_to_requester' },
      );
    requireRight(by, row.operation as OperationId);
  });
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
  requirePerson(by);
  const isSame =
    (tokenId !== null && [by.tokenId, by.issuerId, by.mintedBy?.token].includes(tokenId)) || (userId !== null && personOf(by) === userId);
  if (isSame)
    throw new ApiError(403, 'You asked for this yourself, by this credential or one that belongs to it: a second person decides.', {
      code: 'own_request',
    });
}

function requirePerson(by: OperatorPrincipal): void {
  if (!isProgram(by)) return;
  throw new ApiError(
    403,
    'A person decides here, by a session: no service account, and no token that somebody made for a program. Sign in, and decide then.',
    { code: 'person_needed' },
  );
}
