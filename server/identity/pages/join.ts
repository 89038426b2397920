import { maxEmailLength, maxNameLength } from '../users.ts';
import { maxPasswordLength, minPasswordLength } from '../passwords.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { field, page } from './layout.ts';

export type JoinForm = { email?: string | undefined; name?: string | undefined };
export type JoinFaults = Partial<Record<'email' | 'name' | 'password' | 'totp', string>>;
type Join = {
  action: string;
  /** Of somebody who has an account, and lost what he signs in with. */
  isReset: boolean;
  code: string;
  tenant: string;
  roles: readonly string[];
  /** For who has an account already. */
  signIn: string;
  /** An invitation for one address alone. */
  fixedEmail: string | undefined;
  form: JoinForm;
  /** The secret in base32, sealed for the way through the browser, and as a QR code. */
  totp: { secret: string; sealed: string; qr: string };
  faults: JoinFaults;
};

export function joinPage({ action, isReset, code, tenant, roles, signIn, fixedEmail, form, totp, faults }: Join): Html {
  const wrong = Object.keys(faults).length;
  return page({
    title: isReset ? 'Choose a new password' : `Join ${tenant}`,
    alert: wrong === 0 ? undefined : `${wrong === 1 ? 'One thing is' : `${wrong} things are`} not right yet. Your password has to be typed again.`,
    body: html`${
      isReset
        ? html`<p>Choose how you sign in from now on. What you signed in with before is good no more, and every browser and program is signed out.</p>`
        : html`<p>You are invited to be ${roles.join(' and ')}. Choose how you sign in from now on.</p>
<p class="hint">Have you an account here already? <a href="${signIn}">Sign in with it</a> to join.</p>`
    }
<form method="post" action="${action}"><input type="hidden" name="code" value="${code}"><input type="hidden" name="enrolment" value="${totp.sealed}">
${field({ name: 'email', label: 'Email address', type: 'email', value: fixedEmail ?? form.email, autocomplete: 'username', fault: faults.email, isFixed: fixedEmail !== undefined, autofocus: fixedEmail === undefined, maxLength: maxEmailLength })}
${!isReset && field({ name: 'name', label: 'Name', value: form.name, autocomplete: 'name', fault: faults.name, autofocus: fixedEmail !== undefined, maxLength: maxNameLength })}
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', hint: `At least ${minPasswordLength} characters.`, fault: faults.password, maxLength: maxPasswordLength })}
<h2>Second factor</h2>
<p>Scan this with an authenticator app, or type the key into it.</p>
<img class="qr" src="${totp.qr}" alt="QR code of the key below">
<p>Key: <code id="totp-key">${totp.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></p>
${field({ name: 'totp', label: 'The six digits that the app shows', autocomplete: 'one-time-code', fault: faults.totp, isCode: true, maxLength: 10 })}
<button type="submit">${isReset ? 'Sign in so from now on' : 'Join'}</button></form>`,
  });
}

type Accept = { action: string; code: string; tenant: string; roles: readonly string[]; name: string; email: string };

/** For who is signed in. */
export const acceptPage = ({ action, code, tenant, roles, name, email }: Accept): Html =>
  page({
    title: `Join ${tenant}`,
    body: html`<p>You are invited to be ${roles.join(' and ')}, and signed in as <strong>${name}</strong> (${email}).</p>
<form method="post" action="${action}"><input type="hidden" name="code" value="${code}"><button type="submit">Join as ${name}</button></form>
<p class="hint">Is that not you? Sign out in the Console, then open the link of the invitation again.</p>`,
  });

/** For the address of somebody who has an account and is not signed in. */
export const knownPage = ({ tenant, roles, email, signIn }: { tenant: string; roles: readonly string[]; email: string; signIn: string }): Html =>
  page({
    title: `Join ${tenant}`,
    body: html`<p>You are invited to be ${roles.join(' and ')}. ${email} has an account here already: sign in with it to join.</p>
<a class="button" href="${signIn}">Sign in to join</a>`,
  });

export const recoveryList = (
  codes: readonly string[],
): Html => html`<p>Each of them signs you in once when your authenticator is lost. They are shown now and never again: print them, or keep them in a password manager.</p>
<ul class="recovery">${codes.map((code) => html`<li>${code}</li>`)}</ul>`;

export const joinedPage = ({ recoveryCodes, signIn }: { recoveryCodes: readonly string[]; signIn: string }): Html =>
  page({
    title: 'Keep your recovery codes',
    body: html`${recoveryList(recoveryCodes)}
<a class="button" href="${signIn}">I have kept them: sign in</a>`,
  });
