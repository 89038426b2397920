import type { RequestHandler, Response } from 'express';
import { announceRevocation } from '../access/revocations.ts';
import { sessionCookie } from '../access/session-cookie.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { ApiError } from '../errors.ts';
import { signInAnd } from './console-sign-in.ts';
import { textsOf } from './form.ts';
import { findInvitation, join, joinExisting, resetBy } from './invitations.ts';
import type { FoundInvitation } from './invitations.ts';
import { acceptPage, joinedPage, joinPage, knownPage } from './pages/join.ts';
import type { JoinFaults, JoinForm } from './pages/join.ts';
import { sendPage } from './pages/layout.ts';
import { failurePage } from './pages/sign-in.ts';
import { joinAcceptPath, joinPath, signInPath } from './paths.ts';
import { hashPassword, passwordFault } from './passwords.ts';
import { newRecoveryCodes } from './recovery-codes.ts';
import type { IdentityContext } from './identity-context.ts';
import { ofPerson, personOf } from './signed-in.ts';
import { exchange } from './tenant-choice.ts';
import { newTotpSecret, qrOf, totpStep } from './totp.ts';
import { findUser, hasAccount, isEmail, maxNameLength, plainEmail } from './users.ts';

const over = 'This invitation was used, is too old, or never was. Ask whoever invited you for a new one.';
const storeOf = ({ db, keys }: IdentityContext) => ({ pool: db.pool, keys });

export const joinForm =
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const code = String(request.query['code'] ?? '');
    const invitation = await findInvitation(storeOf(context), code);
    if (!invitation) return sendPage(response, 404, failurePage(over, 'This invitation is over'));
    if (invitation.userId !== undefined) return show(context, response, { code, invitation, secret: newTotpSecret(), form: {}, faults: {} });
    const { tenant, roles, email } = invitation;
    const person = await personOf(context, request);
    const known = person && (await findUser(context.db, person.userId));
    if (known && (email === undefined || email === known.email))
      return sendPage(response, 200, acceptPage({ action: joinAcceptPath, code, tenant, roles, name: known.name, email: known.email }));
    if (email !== undefined && (await hasAccount(context.db.pool, email)))
      return sendPage(response, 200, knownPage({ tenant, roles, email, signIn: signInAnd(`${joinPath}?code=${code}`) }));
    show(context, response, { code, invitation, secret: newTotpSecret(), form: {}, faults: {} });
  };

/** Joins with the account that the browser is signed in with, and goes on in the tenant. */
export const joinAccepted = ofPerson(async (context, person, request, response) => {
  const { code } = textsOf(request, ['code']);
  try {
    const tenantId = await joinExisting(storeOf(context), code, person.userId, context.callerOf(request));
    const session = await inTransaction(context.db.pool, (client) => exchange(client, context.keys, person, tenantId));
    await announceRevocation(context);
    if (session) response.append('Set-Cookie', sessionCookie(session.secret, session.forS, context));
    response.redirect(303, '/account');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    sendPage(response, 404, failurePage(over, 'This invitation is over'));
  }
});

type Shown = { code: string; invitation: FoundInvitation; secret: string; form: JoinForm; faults: JoinFaults };

/** The secret of the authenticator travels with the form, sealed for this invitation: nothing is kept of those who look only. */
function show({ keys }: IdentityContext, response: Response, { code, invitation, secret, form, faults }: Shown): void {
  const content = joinPage({
    action: joinPath,
    isReset: invitation.userId !== undefined,
    code,
    tenant: invitation.tenant,
    roles: invitation.roles,
    signIn: signInAnd(`${joinPath}?code=${code}`),
    fixedEmail: invitation.email,
    form,
    totp: {
      secret,
      sealed: keys.transient.seal(secret, enrolment(invitation)).toString('base64url'),
      qr: qrOf(secret, invitation.email ?? form.email ?? invitation.tenant),
    },
    faults,
  });
  sendPage(response, Object.keys(faults).length === 0 ? 200 : 400, content);
}

const enrolment = ({ id }: FoundInvitation) => `enrolment by ${id}`;

export const joinSubmitted =
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const { code, enrolment: sealed, password, totp, ...typed } = textsOf(request, ['code', 'enrolment', 'email', 'name', 'password', 'totp']);
    const invitation = await findInvitation(storeOf(context), code);
    if (!invitation) return sendPage(response, 404, failurePage(over, 'This invitation is over'));
    const known = invitation.userId === undefined ? undefined : await findUser(context.db, invitation.userId);
    const form = { email: invitation.email ?? plainEmail(typed.email), name: known?.name ?? typed.name.trim() };
    const secret = openSecret(context, invitation, sealed) ?? newTotpSecret();
    const step = totpStep(secret, totp.replaceAll(/\s/g, ''));
    const faults = faultsOf(form, password, step);
    const again = (more: JoinFaults) => show(context, response, { code, invitation, secret, form, faults: more });
    if (step === undefined || Object.keys(faults).length > 0) return again(faults);
    const recoveryCodes = newRecoveryCodes();
    try {
      const user = { ...form, passwordHash: await hashPassword(password), totpSecret: secret, totpStep: step, recoveryCodes };
      if (invitation.userId === undefined) await join(storeOf(context), code, user, context.callerOf(request));
      else {
        await resetBy(storeOf(context), code, invitation.userId, user, context.callerOf(request));
        await announceRevocation(context);
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return again({ email: error.message });
      if (error instanceof ApiError && error.status === 404) return sendPage(response, 404, failurePage(over, 'This invitation is over'));
      throw error;
    }
    sendPage(response, 200, joinedPage({ recoveryCodes, signIn: signInPath }));
  };

function openSecret({ keys }: IdentityContext, invitation: FoundInvitation, sealed: string): string | undefined {
  try {
    return keys.transient.open(Buffer.from(sealed, 'base64url'), enrolment(invitation));
  } catch {
    return undefined; // The form of another invitation.
  }
}

function faultsOf(form: { email: string; name: string }, password: string, step: number | undefined): JoinFaults {
  const passwordIs = passwordFault(password, form);
  return {
    ...(!isEmail(form.email) && { email: 'This is no email address.' }),
    ...((form.name === '' || form.name.length > maxNameLength) && { name: `Type a name of 1 to ${maxNameLength} characters.` }),
    ...(passwordIs !== undefined && { password: passwordIs }),
    ...(step === undefined && { totp: 'This is not what the app shows now. Wait for the next six digits, and look at the clock of your phone.' }),
  };
}
