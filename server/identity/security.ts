import type { Request, Response } from 'express';
import type { PoolClient } from 'pg';
import { announceRevocation } from '../access/revocations.ts';
import type { RecordedAction } from '../audit/actions.ts';
import { recordOfPerson } from '../audit/of-person.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { textsOf } from './form.ts';
import type { IdentityContext } from './identity-context.ts';
import { authenticatorPage, changedPage, newCodesPage, passwordChangePage, recoveryCodesPage } from './pages/security.ts';
import type { ProofFaults } from './pages/security.ts';
import { sendPage } from './pages/layout.ts';
import { hashPassword, passwordFault } from './passwords.ts';
import { newRecoveryCodes } from './recovery-codes.ts';
import { endOthers } from './sessions.ts';
import { ofPerson } from './signed-in.ts';
import type { Signed } from './signed-in.ts';
import { newTotpSecret, qrOf, totpStep } from './totp.ts';
import { findByPassword, findUser, sealTotp, setPassword, setRecoveryCodes, setTotp, takeSecondFactor } from './users.ts';

const storeOf = ({ db, keys }: IdentityContext) => ({ pool: db.pool, keys });

/** Who changes how he signs in proves once more who he is: a browser that was left open is not enough. Answers what was not right; nothing when all was. */
async function proof(context: IdentityContext, { userId }: Signed, request: Request): Promise<ProofFaults> {
  const { password, code } = textsOf(request, ['password', 'code']);
  const address = context.addressOf(request);
  const email = (await findUser(context.db, userId))?.email ?? '';
  const known = await context.brake.attempt({ address, account: email }, () => findByPassword(context.db, email, password));
  if (known?.id !== userId) return { password: 'This is not your password.' };
  const verdict = await context.brake.attempt({ address, account: `second factor of ${userId}` }, async () => {
    const found = await takeSecondFactor(storeOf(context), userId, code);
    return found === 'wrong' ? undefined : found;
  });
  if (verdict === 'taken') return {};
  return {
    code:
      verdict === 'paused'
        ? 'There were too many wrong codes. Try again in a quarter of an hour.'
        : 'This code is not right, or was used already. Wait for the next one.',
  };
}

/** Makes a change, the record of it and all that it entails in one transaction: none is made without the others. */
const change = (
  context: IdentityContext,
  { userId }: Signed,
  request: Request,
  action: RecordedAction,
  work: (client: PoolClient) => Promise<void>,
): Promise<void> =>
  inTransaction(context.db.pool, async (client) => {
    await work(client);
    await recordOfPerson(client, userId, { action, kind: 'change', from: context.callerOf(request) });
  });

const isRight = (faults: object): boolean => Object.keys(faults).length === 0;
const statusOf = (faults: object): number => (isRight(faults) ? 200 : 400);

const showPassword = (response: Response, faults: ProofFaults & { new_password?: string }) =>
  sendPage(response, statusOf(faults), passwordChangePage(faults));

export const passwordAsked = ofPerson(async (_context, _person, _request, response) => showPassword(response, {}));

/** Ends every other session and client: whoever has the old password may have made one. */
export const passwordChanged = ofPerson(async (context, person, request, response) => {
  const { new_password: next } = textsOf(request, ['new_password']);
  const user = await findUser(context.db, person.userId);
  const fault = passwordFault(next, { email: user?.email ?? '', name: person.name });
  if (fault !== undefined) return showPassword(response, { new_password: fault });
  const faults = await proof(context, person, request);
  if (!isRight(faults)) return showPassword(response, faults);
  const hash = await hashPassword(next);
  await change(context, person, request, 'changePassword', async (client) => {
    await setPassword(client, person.userId, hash);
    await endOthers(client, person.userId, person.tokenId, context.callerOf(request));
  });
  await announceRevocation(context);
  sendPage(response, 200, changedPage('Your password is changed', 'Every other browser and program was signed out.'));
});

const enrolment = ({ userId }: Signed) => `new authenticator of ${userId}`;

async function showAuthenticator(
  context: IdentityContext,
  person: Signed,
  response: Response,
  secret: string,
  faults: ProofFaults & { totp?: string },
) {
  const email = (await findUser(context.db, person.userId))?.email ?? person.name;
  const sealed = context.keys.transient.seal(secret, enrolment(person)).toString('base64url');
  sendPage(response, statusOf(faults), authenticatorPage({ totp: { secret, sealed, qr: qrOf(secret, email) }, faults }));
}

export const authenticatorAsked = ofPerson((context, person, _request, response) =>
  showAuthenticator(context, person, response, newTotpSecret(), {}),
);

export const authenticatorChanged = ofPerson(async (context, person, request, response) => {
  const { enrolment: sealed, totp } = textsOf(request, ['enrolment', 'totp']);
  const secret = openSecret(context, person, sealed) ?? newTotpSecret();
  const step = totpStep(secret, totp.replaceAll(/\s/g, ''));
  if (step === undefined)
    return showAuthenticator(context, person, response, secret, { totp: 'This is not what the new app shows now. Wait for the next six digits.' });
  const faults = await proof(context, person, request);
  if (!isRight(faults)) return showAuthenticator(context, person, response, secret, faults);
  const sealedNow = await sealTotp(context.keys, person.userId, secret);
  await change(context, person, request, 'changeAuthenticator', (client) => setTotp(client, person.userId, sealedNow, step));
  sendPage(response, 200, changedPage('Your authenticator is changed', 'Codes of the one before are good no more. Your recovery codes are.'));
});

function openSecret({ keys }: IdentityContext, person: Signed, sealed: string): string | undefined {
  try {
    return keys.transient.open(Buffer.from(sealed, 'base64url'), enrolment(person));
  } catch {
    return undefined; // The form of another person.
  }
}

export const recoveryCodesAsked = ofPerson(async (_context, _person, _request, response) => sendPage(response, 200, recoveryCodesPage({})));

export const recoveryCodesChanged = ofPerson(async (context, person, request, response) => {
  const faults = await proof(context, person, request);
  if (!isRight(faults)) return sendPage(response, 400, recoveryCodesPage(faults));
  const codes = newRecoveryCodes();
  await change(context, person, request, 'changeRecoveryCodes', (client) => setRecoveryCodes(client, context.keys, person.userId, codes));
  sendPage(response, 200, newCodesPage(codes));
});
